// Which emergencies still have to be on the screen, and what was answered to them.
import type { On } from '../../lib/store.svelte';
import type { AnswerView, AskView, LineId, PartyId } from '../../lib/types';

const KINDS = new Set(['stop', 'distress', 'accident']);
/** An own one that everybody has answered is shown so long after the last answer. */
const SETTLED_MS = 10 * 60_000;
/** One of another's that this desk has answered leaves at once; unanswered it stays. */
export type OpenEmergency = { ask: On<AskView>; own: boolean };

export function lastOf(ask: AskView, party: PartyId): AnswerView | undefined {
  return ask.answers.filter((each) => each.party === party).at(-1);
}

/** When the last answer came, where nobody's is missing; null: somebody has not answered. */
export function settledAt(ask: AskView): number | null {
  if (ask.unanswered.length > 0 || ask.answers.length === 0) return null;
  return Math.max(...ask.answers.map((each) => each.t));
}

/** Newest first, those of others before own ones. */
export function emergencies(
  asks: On<AskView>[], me: (line: LineId) => PartyId, now: number,
): OpenEmergency[] {
  return asks
    .filter((ask) => KINDS.has(ask.kind))
    .map((ask) => ({ ask, own: ask.party === me(ask.line) }))
    .filter(({ ask, own }) => {
      if (!own) return ask.unanswered.includes(me(ask.line));
      const settled = settledAt(ask);
      return settled === null || now - settled < SETTLED_MS;
    })
    .sort((a, b) => Number(a.own) - Number(b.own) || b.ask.t - a.ask.t);
}
