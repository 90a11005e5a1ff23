// Who is represented by somebody, is exposed, and what is known of their having been told.
import { store, type On } from '../../lib/store.svelte';
import { isWaiting, type Row } from '../../lib/telling';
import type { NoticeView } from '../../lib/types';

/** All of them, those who wait first, the earliest deadline first. */
export function rows(notices: On<NoticeView>[]): Row[] {
  return notices
    .flatMap((notice) => notice.third_parties.map((third) => ({ notice, third })))
    .sort((a, b) => Number(isWaiting(b.third)) - Number(isWaiting(a.third)) || a.third.due - b.third.due);
}

export function waiting(notices: On<NoticeView>[]): Row[] {
  return rows(notices).filter((row) => isWaiting(row.third));
}

/** It is for us to tell them. */
export const isOurs = (row: Row): boolean => row.third.relay === store.me || row.third.backup === store.me;

/** How many of whom, in words: most first. */
export function whom(of: Row[]): string {
  const counts = new Map<string, number>();
  for (const { third } of of) counts.set(third.name, (counts.get(third.name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} (${n})`).join(', ');
}
