// What an answer given now would be given to: the other's version or message behind what is selected.
import { partyOf, refText, sameRef } from './refs';
import { store, type On } from './store.svelte';
import type { AlertView, AskView, ConflictView, EntryRef, LineId, NoticeView, PartyId, Reply } from './types';
import { selection } from './url.svelte';
import { t } from './words.svelte';

export type Subject = {
  line: LineId;
  ref: EntryRef;
  party: PartyId;
  label: string;
  notice: On<NoticeView> | null;
  ask: On<AskView> | null;
};

/** The pair that an alarm is about, if it is still open. */
export function conflictOfAlert(alert: AlertView): On<ConflictView> | null {
  const among = (ref: EntryRef): boolean => alert.about.some((each) => sameRef(each, ref));
  return store.conflicts.find((each) => each.line === alert.line && among(each.a) && among(each.b)) ?? null;
}

/** The pair that is selected, or that the selected alarm is about. */
export function selectedConflict(): On<ConflictView> | null {
  const now = selection();
  if (now?.kind === 'conflict') return store.conflictById(now.id);
  const alert = now?.kind === 'alert' ? store.alert(now.id) : null;
  return alert === null ? null : conflictOfAlert(alert);
}

/** The alarm that is selected. */
export function selectedAlert(): AlertView | null {
  const now = selection();
  return now?.kind === 'alert' ? store.alert(now.id) : null;
}

/** An entry of another party's that can be answered; null for an own one. */
export function subjectOf(line: LineId, ref: EntryRef): Subject | null {
  const book = store.books[line];
  const party = partyOf(ref);
  if (book === undefined || party === book.view.me) return null;
  const notice = store.notice(ref, line);
  const ask = store.asks.find((each) => each.line === line && sameRef(each.ref, ref)) ?? null;
  const label = notice?.label ?? (ask === null ? '' : ask.words === '' ? t(`alerts.kind-${ask.kind}`) : ask.words);
  return { line, ref, party, label: label === '' ? refText(ref) : label, notice, ask };
}

/** Of an alarm: what it waits to be answered, else the other's entry that it is about. */
export function subjectOfAlert(alert: AlertView): Subject | null {
  const me = store.books[alert.line]?.view.me;
  const first = alert.needs_answer ? alert.about[0] : undefined;
  const ref = first ?? alert.about.find((each) => partyOf(each) !== me);
  return ref === undefined ? null : subjectOf(alert.line, ref);
}

/** Of what is selected, whatever it is. */
export function subject(): Subject | null {
  const now = selection();
  if (now === null) return null;
  if (now.kind === 'alert') {
    const alert = store.alert(now.id);
    return alert === null ? null : subjectOfAlert(alert);
  }
  if (now.kind === 'conflict') {
    const pair = store.conflictById(now.id);
    if (pair === null) return null;
    return subjectOf(pair.line, pair.b) ?? subjectOf(pair.line, pair.a);
  }
  if (now.kind !== 'notice' && now.kind !== 'ask') return null;
  const found = store.noticeById(now.id) ?? store.askById(now.id);
  return found === null ? null : subjectOf(found.line, found.ref);
}

/** What may be answered to it: to a STOP only HALTED or CANNOT settles it. */
export function repliesTo(to: Subject): Reply[] {
  const kind = to.ask?.kind;
  if (kind === 'stop') return ['HALTED', 'CANNOT', 'ROGER', 'STANDBY'];
  if (kind === 'distress' || kind === 'accident') return ['ROGER', 'WILCO', 'UNABLE', 'STANDBY'];
  if (to.ask !== null) return ['ROGER', 'WILCO', 'UNABLE', 'STANDBY', 'OBJECT'];
  return ['ROGER', 'READ-BACK', 'WILCO', 'UNABLE', 'STANDBY', 'OBJECT'];
}
