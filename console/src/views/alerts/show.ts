// How alarms, pairs and notices are told in short: marks, ranks, reasons behind badges.
import { sameRef } from '../../lib/refs';
import { distance, range } from '../../lib/units';
import { length } from '../../lib/time.svelte';
import type { AlertState, AskView, Badge, ConflictView, NoticeView, Phase, Precedence, Range, Severity } from '../../lib/types';
import { badgeWords, t } from '../../lib/words.svelte';

export const STATE_MARK: Record<AlertState, string> = {
  raised: '‼', escalated: '⇈', acknowledged: '✓', answered: '✓✓', 'ended-unseen': '○', closed: '–',
};
/** A shape of its own for each severity, beside its colour and its name. */
export const SEVERITY_MARK: Record<Severity, string> = {
  emergency: '⬣', alarm: '▲', warning: '◆', caution: '▪',
};
/** Precedence by its name, as the node's words have it. */
export const PROSIGN: Record<Precedence, string> = { Z: 'FLASH', O: 'IMMEDIATE', P: 'PRIORITY', R: 'ROUTINE' };
export const PRECEDENCE_RANK: Record<Precedence, number> = { Z: 0, O: 1, P: 2, R: 3 };
export const OVER: ReadonlySet<Phase> = new Set<Phase>(['OVER', 'ALL-CLEAR', 'WITHDRAWN']);

/** The name of a badge in words' ids: NOT TOLD is not-told. */
export const badgeId: (badge: Badge) => string = badgeWords;

export function badgeLook(badge: Badge): string {
  if (badge === 'EXERCISE') return 'exercise';
  return badge === 'PENDING' || badge === 'UNDETERMINED' || badge === 'UNCONFIRMED' ? 'warning' : 'alarm';
}

/** Whether it still counts although a newer version of the same notice was filed: one does not end
 * the other, and who changes a notice must withdraw what he changed. */
export function isEarlier(notice: NoticeView): boolean {
  return !sameRef(notice.newest, notice.ref) && !OVER.has(notice.phase);
}

/** Why a notice has a badge: by how much it is late and on whose clock, who was not told, ... */
export function reasons(notice: NoticeView, badge: Badge): string[] {
  switch (badge) {
    case 'LATE':
      return notice.leads
        .filter((lead) => lead.shortfall_ms > 0)
        .map((lead) => t('alerts.late-at', { party: lead.party, by: length(lead.shortfall_ms) }));
    case 'NOT TOLD':
      return notice.third_parties.filter((third) => third.state === 'NOT TOLD').map((third) => third.words);
    case 'NO ANSWER':
      return [t('alerts.no-answer-of', { parties: notice.unanswered.join(', ') })];
    case 'PENDING':
      return (notice.standing?.parties ?? []).filter((each) => each.why !== 'received').map((each) => each.words);
    case 'CONFLICT':
    case 'UNDETERMINED':
      return [t('alerts.pairs', { n: notice.conflicts.length })];
    case 'EXPOSED':
      return (notice.exposure?.movers ?? []).map((mover) => mover.words);
    default:
      return [];
  }
}

/** How many represented parties nobody has told yet. */
export function notTold(notice: NoticeView): number {
  return notice.third_parties.filter((third) => third.state === 'NOT TOLD').length;
}

const zero = (of: Range | null): boolean => of !== null && of.high === 0;

/** Apart on the map, in height: metres and feet; nought is said as overlap. */
export function lateral(pair: ConflictView): string {
  if (pair.lateral_m === null) return t('alerts.not-looked');
  return zero(pair.lateral_m) ? t('alerts.overlap') : range(pair.lateral_m, distance);
}

export function vertical(pair: ConflictView): string {
  if (pair.vertical_m === null) return t('alerts.not-looked');
  if (zero(pair.vertical_m)) return t('alerts.overlap');
  const m = range(pair.vertical_m, (n) => `${Math.round(n)} m`);
  return `${m} / ${range(pair.vertical_m, (n) => `${Math.round(n / 0.3048)} ft`)}`;
}

/** How long they overlap, in minutes. */
export function minutes(pair: ConflictView): string {
  if (pair.overlap_start === null || pair.overlap_end === null) {
    return pair.time_s === null ? t('alerts.not-looked') : range(pair.time_s, (s) => `${Math.round(s / 60)} min`);
  }
  return `${Math.max(1, Math.round((pair.overlap_end - pair.overlap_start) / 60_000))} min`;
}

/** What an ask says, in short. */
export function askTitle(ask: AskView): string {
  const kind = t(`alerts.kind-${ask.kind}`);
  return ask.words === '' ? kind : `${kind}: ${ask.words}`;
}
