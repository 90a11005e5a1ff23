// The list that has the focus: what j and k, up and down go through. A list says what it shows, in
// its order, for as long as it is on the screen.
import { select, selection } from './url.svelte';

export type Item = { kind: string; id: string };

class Lists {
  items = $state.raw<Item[]>([]);

  /** The item so many steps away from what is selected; the first where nothing is. */
  step(by: number): void {
    const items = this.items;
    if (items.length === 0) return;
    const now = selection();
    const at = items.findIndex((each) => each.kind === now?.kind && each.id === now.id);
    const to = at < 0 ? 0 : Math.max(0, Math.min(items.length - 1, at + by));
    const next = items[to];
    if (next === undefined) return;
    select(next.kind, next.id);
    const row = document.querySelector<HTMLElement>(`[data-item="${CSS.escape(`${next.kind}:${next.id}`)}"]`);
    row?.scrollIntoView({ block: 'nearest' });
  }
}

export const lists = new Lists();

/** In a component's beginning: this list is on the screen, and shows these. */
export function listed(items: () => Item[]): void {
  $effect(() => {
    lists.items = items();
    return () => {
      lists.items = [];
    };
  });
}
