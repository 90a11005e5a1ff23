// An area and a period that somebody is about to sign a measure for: in memory until it is signed.
import type { Footprint } from '../../lib/footprint';
import { clock } from '../../lib/time.svelte';
import { height, instant, type TypedHeight } from '../../lib/typed';
import type { Volume } from '../../lib/types';
import { mapAsk } from '../map/pen.svelte';

const NONE: TypedHeight = { ref: '', value: '', unit: '' };

type Typed = {
  line: string;
  party: string;
  measure: string;
  lower: TypedHeight;
  upper: TypedHeight;
  start: string;
  end: string;
  shape: Footprint | null;
};
const EMPTY: Typed = {
  line: '', party: '', measure: '', lower: NONE, upper: NONE, start: '', end: '', shape: null,
};

class Wish {
  now = $state<Typed>(EMPTY);

  readonly start = $derived(instant(this.now.start, clock.now));
  readonly end = $derived(instant(this.now.end, this.start ?? clock.now));
  readonly lower = $derived(height(this.now.lower, false));
  readonly upper = $derived(height(this.now.upper, true));

  /** Names of what is missing or cannot be read, as ids of words. */
  readonly lacking = $derived.by((): string[] => [
    ...(this.now.party === '' ? ['standing.party'] : []),
    ...(this.now.measure.trim() === '' ? ['answers.measure'] : []),
    ...(this.now.shape === null ? ['filing.shape'] : []),
    ...(this.lower === null ? ['filing.lower'] : []),
    ...(this.upper === null ? ['filing.upper'] : []),
    ...(this.start === null ? ['filing.start'] : []),
    ...(this.end === null || (this.start !== null && this.end <= this.start) ? ['filing.end'] : []),
  ]);

  /** The area and its period; null while something is missing. */
  readonly area = $derived.by((): Volume | null => {
    const { lower, upper, start, end } = this;
    const { shape } = this.now;
    if (this.lacking.length > 0 || shape === null || lower === null || upper === null || start === null || end === null) {
      return null;
    }
    return { footprint: shape, lower, upper, start, end };
  });

  set(changes: Partial<Typed>): void {
    this.now = { ...this.now, ...changes };
    mapAsk.repaint();
  }

  clear(): void {
    this.set(EMPTY);
  }
}

export const wish = new Wish();
