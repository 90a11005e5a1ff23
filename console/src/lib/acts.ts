// What a watch does, in one place for keys, buttons and dialogs. Nothing here waits for a peer, and
// what does not reach the node goes into the queue.
import { call } from './api';
import { dialogs } from './dialogs.svelte';
import { queue } from './queue.svelte';
import { refText } from './refs';
import { outcome } from './said.svelte';
import { session } from './session.svelte';
import { settings } from './settings.svelte';
import { store, type On } from './store.svelte';
import type { Subject } from './subject';
import type {
  AlertView, AnswerView, ConflictView, FiledView, LineId, Notice, NoticeView, Proposal, ReadBack, Reply,
} from './types';
import { t } from './words.svelte';

/** The role on the line that one speaks in. */
export function duty(): string {
  return session.now?.duties[0] ?? session.now?.role ?? '';
}

/** Say something on a line; what came of it is told, and the line is read again. */
export async function sayOn(line: LineId, path: string, body: object, words: string): Promise<boolean> {
  const answer = await queue.write<FiledView>(`/v1/lines/${line}/${path}`, body, words);
  store.refresh([line]);
  return outcome(words, answer, (filed) => filed.words);
}

/** Take an alarm, and with it all that rang as one on the board that this person saw. */
export async function take(alert: AlertView, note = ''): Promise<boolean> {
  const seen = Math.max(store.node?.now ?? 0, alert.raised);
  const words = t('alerts.did-take', { what: alert.words });
  const answer = await queue.write<AlertView>(`/v1/alerts/${alert.id}/ack`, { note, seen }, words);
  return told(words, answer);
}

/** Have the next role called now. */
export async function escalate(alert: AlertView): Promise<boolean> {
  const words = t('alerts.did-escalate', { what: alert.words });
  return told(words, await queue.write<AlertView>(`/v1/alerts/${alert.id}/escalate`, {}, words));
}

/** Silence one alarm until a time, for a reason. */
export async function silence(alert: AlertView, until: number, reason: string): Promise<boolean> {
  const words = t('alerts.did-silence', { what: alert.words });
  const answer = await queue.write<AlertView>(`/v1/alerts/${alert.id}/silence`, { until, reason }, words);
  return told(words, answer);
}

function told(words: string, answer: Awaited<ReturnType<typeof queue.write<AlertView>>>): boolean {
  if (answer.ok) store.heard(answer.value);
  store.refresh([]);
  return outcome(words, answer, (alert) =>
    alert.taken_by === null ? '' : t('alerts.taken-by', { name: alert.taken_by, role: alert.taken_role ?? '' }),
  );
}

/** Alarms of which this page has said, or is saying, that they stand on it. */
const presented = new Set<string>();
const PRESENTED_MAX = 5000;

/** An alarm stands on this screen: the node is told once (R3). */
export async function present(alert: AlertView): Promise<void> {
  if (alert.presented !== null || presented.has(alert.id)) return;
  if (presented.size >= PRESENTED_MAX) presented.clear();
  presented.add(alert.id);
  const answer = await call('POST /v1/alerts/{alert}/presented', {
    path: { alert: alert.id },
    body: { desk: settings.now.desk },
  });
  if (answer.ok) store.heard(answer.value);
  else if (answer.problem.code === 'unreachable') presented.delete(alert.id);
}

/** What an answer may carry beside its reply. */
export type Beside = {
  minutes_needed?: number;
  proposal?: Proposal;
  read_back?: ReadBack;
  remark?: { lang: string; text: string };
};

/** Answer exactly one version or message. */
export async function answer(to: Subject, reply: Reply, beside: Beside = {}): Promise<boolean> {
  const body = { to: to.ref, reply, role: duty(), ...beside };
  const words = t('answers.did', { reply, party: to.party, what: to.label, ref: refText(to.ref) });
  return sayOn(to.line, 'answers', { body }, words);
}

/** One side's word that this exact pair overlaps under a measure. */
export async function coordinate(pair: On<ConflictView>, measure: string, until: number): Promise<boolean> {
  const words = t('answers.did-coordinate', { a: pair.a_label, b: pair.b_label });
  const refs = [pair.a, pair.b].sort((x, y) => (x[0] < y[0] || (x[0] === y[0] && x[1] < y[1]) ? -1 : 1));
  return sayOn(pair.line, 'coordinated', { body: { pair: refs, measure, until } }, words);
}

/** One's own version as an answer proposes it. */
export async function accept(line: LineId, proposed: AnswerView): Promise<boolean> {
  const words = t('answers.did-accept', { party: proposed.party });
  return sayOn(line, 'accept', { answer: proposed.ref }, words);
}

/** One's own version with a way out taken; the node judges it again, like any other amend. */
export async function amendSo(own: On<NoticeView>, way: Proposal): Promise<boolean> {
  const words = t('answers.did-amend', { what: own.label });
  const body = { notice: own.notice, to: changedSo(own, way) };
  return sayOn(own.line, 'amend', { body, precedence: own.precedence }, words);
}

function changedSo(own: NoticeView, way: Proposal): Notice {
  const shift = (way.shift_min ?? 0) * 60_000;
  const from = way.volumes !== undefined && way.volumes.length > 0 ? way.volumes : own.volumes;
  return {
    cls: own.cls, label: own.label, operation: own.operation, marks: own.marks, key: own.key,
    reason: own.reason, remark: own.remark,
    volumes: from.map((volume) => ({
      ...volume,
      lower: way.lower ?? volume.lower,
      upper: way.upper ?? volume.upper,
      start: volume.start + shift,
      end: volume.end + shift,
    })),
  };
}

/** Ways out of a pair, in the dialog that offers them. */
export function waysOut(pair: On<ConflictView>): void {
  dialogs.open('ways', pair.uid);
}
