// Height intervals on one axis. Each bound stands at the number that its author printed; what cannot
// be placed (no ground, no upper end) is marked as such, never guessed. The distance between two is
// the node's to say: it alone knows how references lie to each other.
import type { Height, Volume } from '../../lib/types';

/** Where a bound stands, in metres; `from` to `to` where the ground below is known as a range. */
export type Bound = { from: number; to: number; open: boolean; vague: boolean };
export type Column = { volume: Volume; lower: Bound; upper: Bound };

export function column(volume: Volume): Column {
  return { volume, lower: bound(volume.lower, -Infinity), upper: bound(volume.upper, Infinity) };
}

function bound(of: Height, end: number): Bound {
  if (of.ref === 'UNL') return { from: Infinity, to: Infinity, open: true, vague: false };
  if (of.ref === 'SFC') return { from: -Infinity, to: -Infinity, open: false, vague: false };
  if (of.mm === undefined || of.mm === null) return { from: end, to: end, open: true, vague: true };
  const metres = of.mm / 1000;
  if (of.ref !== 'AGL') return { from: metres, to: metres, open: false, vague: false };
  const ground = of.ground ?? null;
  if (ground === null) return { from: metres, to: metres, open: false, vague: true };
  return { from: ground.low_mm / 1000 + metres, to: ground.high_mm / 1000 + metres, open: false, vague: false };
}

/** What the axis must hold: a little below the lowest number and above the highest. */
export function axis(columns: Column[]): [low: number, high: number] {
  const numbers = columns
    .flatMap(({ lower, upper }) => [lower.from, lower.to, upper.from, upper.to])
    .filter(Number.isFinite);
  const low = Math.min(0, ...numbers);
  const high = Math.max(low + 300, ...numbers);
  const room = (high - low) * 0.12;
  return [low - room, high + room];
}

/** References that are printed, each once; two kinds cannot be laid beside each other by eye. */
export function references(columns: Column[]): string[] {
  const found = columns.flatMap(({ volume }) => [volume.lower.ref, volume.upper.ref]);
  return [...new Set(found)].filter((ref) => ref !== 'SFC' && ref !== 'UNL');
}
