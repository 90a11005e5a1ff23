// Of many that are alike a list shows the first few and how many more there are: a thousand of one
// kind must not hide the one of another that stands below them.
import { SvelteSet } from 'svelte/reactivity';

/** So many alike stand each in its own row. */
const MANY = 20;
/** Of more than those, so many. */
const FEW = 3;

/** A row of a list, or how many more there are like those above it. */
export type Folded<T> = { item: T; more: 0; key: string } | { item: null; more: number; key: string };

export class Fold {
  /** What somebody has opened. */
  #open = new SvelteSet<string>();

  open(key: string): void {
    this.#open.add(key);
  }

  /** In their order. `alike`: null for one that always stands in its own row. */
  of<T>(items: T[], name: (item: T) => string, alike: (item: T) => string | null): Folded<T>[] {
    const sizes = new Map<string, number>();
    for (const item of items) {
      const key = alike(item);
      if (key !== null) sizes.set(key, (sizes.get(key) ?? 0) + 1);
    }
    const seen = new Map<string, number>();
    const rows: Folded<T>[] = [];
    for (const item of items) {
      const key = alike(item);
      const size = key === null ? 0 : (sizes.get(key) ?? 0);
      if (key === null || size <= MANY || this.#open.has(key)) {
        rows.push({ item, more: 0, key: name(item) });
        continue;
      }
      const n = (seen.get(key) ?? 0) + 1;
      seen.set(key, n);
      if (n <= FEW) rows.push({ item, more: 0, key: name(item) });
      if (n === FEW) rows.push({ item: null, more: size - FEW, key });
    }
    return rows;
  }
}
