// All signed areas of all lines, laid together once for list, map and detail.
import { store } from '../../lib/store.svelte';
import { clock } from '../../lib/time.svelte';
import { rows } from './rows';

class Agreed {
  readonly all = $derived(rows(store.lines, clock.now));
}

export const agreed = new Agreed();
