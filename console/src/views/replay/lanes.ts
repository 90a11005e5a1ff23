// A replay's events by whose word they are: each claimant has a lane of his own, and what the
// scenario assumes, what the parties do in it and what their nodes find stand apart from all claims.
import type { Event, Layer, Timeline } from '../../lib/types';

export type Moment = { event: Event; from: number | null; until: number | null };
export type Lane = { id: string; layer: Layer; by: string; moments: Moment[]; untimed: Moment[] };

const LAYERS: Layer[] = ['claim', 'assumed', 'play', 'line', 'result'];

export function lanes(of: Timeline): Lane[] {
  const found = new Map<string, Lane>();
  for (const event of of.events) {
    const id = `${event.layer}:${event.by}`;
    const lane = found.get(id) ?? { id, layer: event.layer, by: event.by, moments: [], untimed: [] };
    found.set(id, lane);
    const moment = momentOf(event);
    (moment.from === null ? lane.untimed : lane.moments).push(moment);
  }
  for (const lane of found.values()) lane.moments.sort((a, b) => (a.from ?? 0) - (b.from ?? 0));
  return [...found.values()].sort((a, b) => LAYERS.indexOf(a.layer) - LAYERS.indexOf(b.layer));
}

/** A claim known to the minute is the whole of that minute; an act known within bounds begins at
 * the first of them. */
function momentOf(event: Event): Moment {
  const t = millis(event.t);
  return { event, from: millis(event.t_min) ?? t, until: millis(event.t_max) ?? t };
}

function millis(text: string | null | undefined): number | null {
  const found = Date.parse(text ?? '');
  return Number.isNaN(found) ? null : found;
}

/** What of a lane has come about by a time, the newest first. */
export function come(lane: Lane, at: number): Moment[] {
  return lane.moments.filter((moment) => (moment.from ?? Infinity) <= at).reverse();
}

/** The next time, or the one before, at which anything begins. */
export function neighbour(all: Lane[], at: number, way: 1 | -1): number | null {
  const times = all.flatMap((lane) => lane.moments.flatMap((moment) => moment.from ?? []));
  const fit = times.filter((time) => (way > 0 ? time > at : time < at));
  if (fit.length === 0) return null;
  return way > 0 ? Math.min(...fit) : Math.max(...fit);
}
