// Who is represented by somebody, is exposed, and what is known of their having been told.
import type { On } from '../../lib/store.svelte';
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
