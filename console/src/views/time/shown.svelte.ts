// The time that map and lists show: the node's now, or the one that stands in the address (`at`).
import { clock } from '../../lib/time.svelte';
import { address } from '../../lib/url.svelte';

export const HOUR = 3_600_000;
export const MINUTE = 60_000;
export const SPANS = [2, 6, 24] as const;
export const RATES = [1, 5, 10, 30, 60] as const;
/** How much of what is past stands before the now-line, as a part of what is to come. */
const PAST = 1 / 6;
const FRAME_MS = 100;

class Shown {
  playing = $state(false);
  rate = $state<number>(10);
  #timer = 0;
  #last = 0;
  /** Moves once a minute: the bar must not be laid out anew twice a second. */
  readonly #minute = $derived(Math.floor(clock.now / MINUTE) * MINUTE);

  /** UTC milliseconds; null: now. */
  readonly at = $derived(Number(address.get('at')) || null);
  readonly hours = $derived(SPANS.find((each) => String(each) === address.get('span')) ?? 6);
  /** From when until when the bar shows; what is shown always lies in it. */
  readonly window = $derived.by((): [from: number, until: number] => {
    const long = this.hours * HOUR * (1 + PAST);
    let from = this.#minute - this.hours * HOUR * PAST;
    if (this.at !== null) from = Math.max(Math.min(from, this.at), this.at - long);
    return [from, from + long];
  });

  show(at: number): void {
    address.set({ at: String(Math.round(at)) }, false);
  }

  /** On or back by a step that fits what the bar shows. */
  step(by: number): void {
    const step = this.hours === 2 ? MINUTE : this.hours === 6 ? 5 * MINUTE : 15 * MINUTE;
    const at = this.at ?? clock.exact();
    this.show(by > 0 ? (Math.floor(at / step) + by) * step : (Math.ceil(at / step) + by) * step);
  }

  now(): void {
    this.pause();
    address.set({ at: null });
  }

  reach(hours: number): void {
    address.set({ span: String(hours) });
  }

  play(): void {
    if (this.playing) return this.pause();
    this.playing = true;
    this.#last = performance.now();
    if (this.at === null) this.show(clock.exact());
    this.#timer = setInterval(() => this.#frame(), FRAME_MS) as unknown as number;
  }

  pause(): void {
    this.playing = false;
    clearInterval(this.#timer);
  }

  #frame(): void {
    const began = performance.now();
    const gone = (began - this.#last) * this.rate;
    this.#last = began;
    if (this.at === null) this.pause();
    else this.show(this.at + gone);
  }
}

export const shown = new Shown();
