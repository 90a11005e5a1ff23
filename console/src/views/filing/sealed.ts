// A plan that is committed to now and shown later: the same file as the command's `seal --keep`, so
// that either opens what the other has sealed.
import { call, type Answer } from '../../lib/api';
import type { EntryRef, LineId, Notice, SealDigest } from '../../lib/types';

export type SealedPlan = { v: 1; line: LineId; salt: string; notice: Notice; envelope: EntryRef | null };
/** A notice of the most volumes and corners that the line takes, twice over. */
export const PLAN_BYTES_MAX = 16 << 20;

/** What goes into the file. */
export function written(plan: SealedPlan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/** The plan of a file; null: it is none that was saved to be opened. What is in it is judged by the
 * node, and by the digest. */
export function planOf(text: string): SealedPlan | null {
  let found: Partial<SealedPlan> | null;
  try {
    found = JSON.parse(text) as Partial<SealedPlan> | null;
  } catch {
    return null;
  }
  if (found === null || typeof found !== 'object' || found.v !== 1) return null;
  const { line, salt, notice, envelope } = found;
  if (typeof line !== 'string' || typeof notice !== 'object' || notice === null) return null;
  if (typeof salt !== 'string' || !/^[0-9a-f]{64}$/.test(salt)) return null;
  return { v: 1, line, salt, notice, envelope: envelope ?? null };
}

/** What the plan commits to; without a salt, with a fresh one. */
export function digestOf(notice: Notice, salt: string | null = null): Promise<Answer<SealDigest>> {
  return call('POST /v1/seal-digest', { body: { notice, salt } });
}
