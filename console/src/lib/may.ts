// What the one who is signed in may do. What may not be done is not offered; the node refuses it too.
import { session } from './session.svelte';
import type { Action } from './types';

export function may(action: Action): boolean {
  return session.now?.may.includes(action) ?? false;
}
