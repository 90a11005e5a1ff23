// Telling who is on no line: who waits for it, and the way from the duty to the telling itself.
import { partyOf, refText } from './refs';
import { store, type On } from './store.svelte';
import type { AlertView, EntryRef, LineId, NoticeView, ThirdView } from './types';
import { address, selection } from './url.svelte';

export type Row = { notice: On<NoticeView>; third: ThirdView };

/** NOT TOLD until there is proof: also who was called and did not answer. */
export const isWaiting = (third: ThirdView): boolean =>
  third.state === 'NOT TOLD' || third.state === 'NO ANSWER';

const named = (line: LineId, ref: EntryRef, third: string): string => `${line} ${refText(ref)} ${third}`;

/** Tells a row from all others. */
export const nameOf = (row: Row): string => named(row.notice.line, row.notice.ref, row.third.party);

/** A duty to tell somebody: whom, who wrote what they are to be told of (null: we ourselves), for
 * which notices they wait, the earliest deadline first, and the name of the first of these, which is
 * known before its notice has been read. */
export type Duty = { name: string; author: string | null; rows: Row[]; first: string | null };

/** The duty that an alarm is about; null: it is about something else, or all of it is done. */
export function dutyOf(alert: AlertView): Duty | null {
  if (alert.kind !== 'not-told') return null;
  const { third, name } = alert.params;
  const rows = alert.about
    .flatMap((ref) => store.notice(ref, alert.line) ?? [])
    .flatMap((notice) => notice.third_parties.map((each) => ({ notice, third: each })))
    .filter((row) => row.third.party === third && isWaiting(row.third))
    .sort((a, b) => a.third.due - b.third.due);
  if (rows.length === 0 && alert.ended !== null) return null;
  const me = store.books[alert.line]?.view.me;
  const author = alert.about.map(partyOf).find((party) => party !== me) ?? null;
  const [row, ref] = [rows[0], alert.about[0]];
  const first = row !== undefined ? nameOf(row) : ref === undefined ? null : named(alert.line, ref, String(third));
  return { name: typeof name === 'string' ? name : String(third), author, rows, first };
}

/** The duty of the alarm that is selected. */
export function selectedDuty(): Duty | null {
  const now = selection();
  const alert = now?.kind === 'alert' ? store.alert(now.id) : null;
  return alert === null ? null : dutyOf(alert);
}

/** Open the telling of a notice to a party, by its row's name; without one, of all that wait. */
export function openTelling(name: string | null): void {
  address.set({ work: 'third', third: name, front: 'map' });
}
