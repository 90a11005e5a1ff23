import { address } from '../../lib/url.svelte';

/** Open the form for another area. */
export function begin(): void {
  address.set({ work: null, sel: 'standing:new', front: 'detail' });
}
