// Lengths of time on one line from a second to a day: equal steps are equal factors, so that ten
// seconds and ten minutes can both be read.
const STEPS_MS = [1, 10, 60, 600, 3600, 6 * 3600, 86_400, 10 * 86_400].map((s) => s * 1000);

/** The least scale that holds the longest, with what its lines are called. */
export function stepsFor(longest: number): number[] {
  const last = Math.max(3, STEPS_MS.findIndex((step) => step >= longest));
  return longest > (STEPS_MS.at(-1) ?? 0) ? STEPS_MS : STEPS_MS.slice(0, last + 1);
}

/** Where a length lies, from 0 to 1. */
export function partOf(ms: number, steps: number[]): number {
  const [low, high] = [steps[0] ?? 1000, steps.at(-1) ?? 1000];
  return Math.min(1, Math.max(0, Math.log(Math.max(ms, low) / low) / Math.log(high / low)));
}
