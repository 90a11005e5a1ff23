// A place that somebody types, read by the node, which knows every notation and every trap: where a
// text has several meanings all of them are shown, and nobody but its author chooses.
import { call } from './api';
import type { LatLon, MeaningView, PlaceView } from './types';
import { distance } from './units';
import { t } from './words.svelte';

const PAUSE_MS = 400;
/** A dialog does not wait longer for a reading. */
const PATIENCE_MS = 2_500;
/** A place known no closer than this is no place to send help to, or to measure from. */
const COARSE_MM = 5_000_000;

export class Placed {
  text = $state('');
  /** As the node has read it; null: not read, or it is no place. */
  view = $state.raw<PlaceView | null>(null);
  /** Which of several meanings; -1: nobody has said. */
  meant = $state(-1);
  /** Why it could not be read; empty: it was, or was not tried. */
  failed = $state('');
  /** Nobody answered: it is not known what the text means. */
  alone = $state(false);
  #read = '';
  #reading: { text: string; done: Promise<void> } | null = null;
  #timer = 0;

  readonly meanings: MeaningView[] = $derived((this.view?.meanings ?? []).filter((each) => slack(each) <= COARSE_MM));
  /** The one place that is meant; null: none is known. */
  readonly at: LatLon | null = $derived(
    (this.meanings.length === 1 ? this.meanings[0] : this.meanings[this.meant])?.at ?? null,
  );
  /** How far from it the place may be, by how it was written, in metres. */
  readonly within = $derived(Math.max(0, ...(this.view?.meanings ?? []).map(slack)) / 1000);
  /** Every place that may be meant. */
  readonly all: LatLon[] = $derived(this.at !== null ? [this.at] : this.meanings.map((each) => each.at));

  constructor(text = '') {
    this.text = text;
    if (text !== '') void this.read();
  }

  /** It is being typed: read when the hand rests. */
  type(text: string): void {
    [this.text, this.view, this.meant, this.failed, this.alone, this.#read] = [text, null, -1, '', false, ''];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.read(), PAUSE_MS) as unknown as number;
  }

  /** Have it read, unless it has been or is being read. */
  async read(): Promise<void> {
    clearTimeout(this.#timer);
    const text = this.text.trim();
    if (text === '' || text === this.#read) return;
    if (this.#reading?.text !== text) this.#reading = { text, done: this.#ask(text) };
    const { done } = this.#reading;
    await done;
    if (this.#reading?.done === done) this.#reading = null;
  }

  async #ask(text: string): Promise<void> {
    const answer = await call('POST /v1/read-place', { body: { text }, timeoutMs: PATIENCE_MS });
    if (text !== this.text.trim()) return;
    const reached = answer.ok || (answer.problem.code !== 'unreachable' && answer.problem.code !== 'unreadable');
    this.alone = !reached;
    this.#read = reached ? text : '';
    this.view = answer.ok ? answer.value : null;
    this.meant = -1;
    this.failed = answer.ok ? '' : reached ? answer.problem.detail : t('emergency.place-noread');
    if (answer.ok && this.meanings.length === 0) {
      this.failed = t('emergency.place-coarse', { distance: distance(this.within) });
    }
  }
}

function slack(of: MeaningView): number {
  return Math.max(of.cell_mm, of.step_mm);
}
