// Who is represented by somebody, is exposed, and what is known of their having been told.
import { refText } from '../../lib/refs';
import { store, type On } from '../../lib/store.svelte';
import type { NoticeView, ThirdView } from '../../lib/types';

export type Row = { notice: On<NoticeView>; third: ThirdView };

/** NOT TOLD until there is proof: also who was called and did not answer. */
export const isWaiting = (third: ThirdView): boolean =>
  third.state === 'NOT TOLD' || third.state === 'NO ANSWER';

/** All of them, those who wait first, the earliest deadline first. */
export function rows(notices: On<NoticeView>[]): Row[] {
  return notices
    .flatMap((notice) => notice.third_parties.map((third) => ({ notice, third })))
    .sort((a, b) => Number(isWaiting(b.third)) - Number(isWaiting(a.third)) || a.third.due - b.third.due);
}

export function waiting(notices: On<NoticeView>[]): Row[] {
  return rows(notices).filter((row) => isWaiting(row.third));
}

/** Tells a row from all others. */
export const nameOf = (row: Row): string => `${row.notice.line} ${refText(row.notice.ref)} ${row.third.party}`;

/** It is for us to tell them. */
export const isOurs = (row: Row): boolean => row.third.relay === store.me || row.third.backup === store.me;

/** How many of whom, in words: most first. */
export function whom(of: Row[]): string {
  const counts = new Map<string, number>();
  for (const { third } of of) counts.set(third.name, (counts.get(third.name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} (${n})`).join(', ');
}
