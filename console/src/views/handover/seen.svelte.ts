// What was looked at, item by item, until the watch is taken. It outlives the sheet: whoever closes it
// because an alarm rings goes on where he was. It is of this page alone, and gone with it.
import { SvelteSet } from 'svelte/reactivity';

const looked = new SvelteSet<string>();
const name = (whose: string, id: string): string => `${whose} ${id}`;

export const seen = {
  has: (whose: string, id: string): boolean => looked.has(name(whose, id)),
  turn(whose: string, id: string): void {
    if (!looked.delete(name(whose, id))) looked.add(name(whose, id));
  },
  forget(whose: string): void {
    for (const each of looked) if (each.startsWith(`${whose} `)) looked.delete(each);
  },
};
