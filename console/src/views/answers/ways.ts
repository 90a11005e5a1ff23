// Ways out of a pair, as this node finds them. Asking sends nothing to anybody.
import { call } from '../../lib/api';
import { refText } from '../../lib/refs';
import type { ConflictView, LineId, Proposal, WayOutView } from '../../lib/types';
import { height } from '../../lib/units';
import { t } from '../../lib/words.svelte';

export async function waysOf(line: LineId, pair: ConflictView): Promise<WayOutView[] | null> {
  const found = await call('GET /v1/lines/{line}/ways-out', {
    path: { line }, query: { a: refText(pair.a), b: refText(pair.b) },
  });
  return found.ok ? found.value : null;
}

/** A proposal in short: +15 min, ≥ FL210, ≤ FL190. */
export function wayText(way: Proposal): string {
  const parts: string[] = [];
  if (way.shift_min) parts.push(`${way.shift_min > 0 ? '+' : '−'}${Math.abs(way.shift_min)} min`);
  if (way.lower) parts.push(`≥ ${height(way.lower)}`);
  if (way.upper) parts.push(`≤ ${height(way.upper)}`);
  if (way.volumes?.length) parts.push(t('answers.other-volumes', { n: way.volumes.length }));
  return parts.join(', ');
}
