// Which replay is open, and at what time of its own it stands. Its time has nothing to do with the
// node's: the map, the lists and the alarms of the watch go on as they are.
import { call } from '../../lib/api';
import type { ReplayListing, Timeline } from '../../lib/types';
import { address } from '../../lib/url.svelte';
import { lanes, neighbour } from './lanes';

export const RATES = [1, 10, 60, 600] as const;
const FRAME_MS = 100;
const FIRST = 'il20';

class Player {
  listings = $state.raw<ReplayListing[]>([]);
  line = $state.raw<Timeline | null>(null);
  failed = $state('');
  playing = $state(false);
  rate = $state<number>(60);
  #at = $state(0);
  #timer = 0;
  #last = 0;
  #turn = 0;

  readonly lanes = $derived(this.line === null ? [] : lanes(this.line));
  readonly from = $derived(this.line?.begins ?? 0);
  readonly until = $derived(this.line?.ends ?? 0);

  get at(): number {
    return Math.max(this.from, Math.min(this.until, this.#at));
  }

  /** What there is, and the one that the address names. */
  async open(): Promise<void> {
    if (this.listings.length === 0) {
      const answer = await call('GET /v1/replays');
      if (!answer.ok) {
        this.failed = answer.problem.detail;
        return;
      }
      this.listings = answer.value;
    }
    const [name, variant] = (address.get('rp') ?? '').split('.');
    const listing =
      this.listings.find((each) => each.id === name) ??
      this.listings.find((each) => each.id === FIRST) ?? this.listings[0];
    const chosen = listing?.variants.find((each) => each.id === variant) ?? listing?.variants[0];
    if (listing !== undefined && chosen !== undefined) await this.choose(listing.id, chosen.id, false);
  }

  async choose(name: string, variant: string, afresh = true): Promise<void> {
    this.hold();
    const turn = ++this.#turn;
    const answer = await call('GET /v1/replays/{name}/{variant}', { path: { name, variant } });
    if (turn !== this.#turn) return; // somebody has chosen another meanwhile
    this.failed = answer.ok ? '' : answer.problem.detail;
    if (!answer.ok) return;
    const other = this.line?.scenario !== name;
    this.line = answer.value;
    const told = Number(address.get('rt')) || 0;
    if (!afresh && told > 0) this.#at = told;
    // Another account of the same hour is looked at from the same moment.
    else if (other) this.#at = answer.value.begins;
    address.set({ rp: `${name}.${variant}`, rt: String(this.at) }, false);
  }

  show(at: number): void {
    this.#at = Math.round(at);
    address.set({ rt: String(this.at) }, false);
  }

  step(way: 1 | -1): void {
    this.hold();
    const next = neighbour(this.lanes, this.at, way);
    if (next !== null) this.show(next);
  }

  first(): void {
    this.hold();
    this.show(this.from);
  }

  play(): void {
    if (this.playing) {
      this.hold();
      return this.show(this.at);
    }
    this.playing = true;
    this.#last = performance.now();
    // At its end it begins again.
    if (this.at >= this.until) this.#at = this.from;
    this.#timer = setInterval(() => this.#frame(), FRAME_MS) as unknown as number;
  }

  hold(): void {
    this.playing = false;
    clearInterval(this.#timer);
  }

  #frame(): void {
    const began = performance.now();
    this.#at = this.at + (began - this.#last) * this.rate;
    this.#last = began;
    if (this.#at >= this.until) this.hold();
    if (!this.playing) this.show(this.until);
  }
}

export const player = new Player();
