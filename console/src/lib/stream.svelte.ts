// The node's event stream: what changed, what rings, and whether anything is heard at all.
// It resumes behind the last event that was seen; a gap that cannot be filled says `reset`.
import { clock } from './time.svelte';
import type { AlertView, LineId, Problem } from './types';

/** Two heartbeats of ten seconds and a little, unless the node says another length. */
const BEAT_MS = 10_000;
const MISSED = 2;
const GRACE_MS = 2_000;
const RETRY_MS = [500, 1000, 2000, 4000, 8000];

export type Heard = {
  /** Read these lines again, and the duties if `duties`. */
  changed: (lines: LineId[], duties: boolean) => void;
  rang: (alert: AlertView, ring: boolean) => void;
  /** Everything must be read again. */
  fresh: () => void;
};

class Stream {
  /** Node time of the last that was heard; 0: nothing yet. */
  heardAt = $state(0);
  open = $state(false);
  /** How often it has been opened: what changes only with a new life of the node is read again then. */
  opened = $state(0);
  /** The last time that the feed was stale and is not any more: [from, until]. */
  lastGap = $state<[number, number] | null>(null);

  /** The node has no desk of the name that this page wanted to be; these are those that it has. Until
   * one is chosen the page hears what changes, and nobody is held to have heard a ring here. */
  desks = $state.raw<string[] | null>(null);

  /** Since when, by the node's clock, every ring is told with whether it rings at this desk; 0: this
   * page is no desk. */
  deskSince = $state(0);
  /** Which desk it is then. */
  desk = '';

  #source: EventSource | null = null;
  #last: string | null = null;
  #tries = 0;
  #timer = 0;
  #beatMs = BEAT_MS;
  #how: { desk: string | null; lang: string; heard: Heard } | null = null;

  /** Since when the feed is stale, by the node's clock; null: it is not. */
  get staleSince(): number | null {
    if (this.heardAt === 0) return null;
    const limit = MISSED * this.#beatMs + GRACE_MS;
    return clock.now - this.heardAt > limit ? this.heardAt : null;
  }

  /** Listen. With `desk` this page counts as somebody who hears rings. */
  start(how: { desk: string | null; lang: string; heard: Heard }): void {
    this.stop();
    if (how.desk !== this.#how?.desk) [this.desks, this.deskSince] = [null, 0];
    this.#how = how;
    this.#connect();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    this.open = false;
  }

  #connect(): void {
    const how = this.#how;
    if (how === null) return;
    const query = new URLSearchParams({ lang: how.lang });
    const desk = this.desks === null ? how.desk : null;
    if (desk !== null) query.set('desk', desk);
    if (desk !== null && this.#last !== null) query.set('after', this.#last);
    const source = new EventSource(`/v1/events?${query.toString()}`);
    this.#source = source;
    const on = (name: string, run: (data: never) => void): void => {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        if (event.lastEventId !== '') this.#last = event.lastEventId;
        run(JSON.parse(event.data) as never);
        this.#alive();
      });
    };
    on('hello', (hello: { position: string; now: number; beat_ms?: number }) => {
      clock.set(hello.now);
      this.#beatMs = hello.beat_ms ?? BEAT_MS;
      if (desk !== null && this.deskSince === 0) [this.deskSince, this.desk] = [hello.now, desk];
      this.#last ??= hello.position;
      this.#tries = 0;
      this.open = true;
      this.opened += 1;
      how.heard.fresh();
    });
    on('beat', (beat: { now: number }) => clock.set(beat.now));
    on('changed', (what: { lines: LineId[]; duties: boolean }) => {
      how.heard.changed(what.lines, what.duties);
    });
    on('alert', (what: { alert: AlertView; ring: boolean }) => {
      how.heard.rang(what.alert, what.ring);
    });
    on('reset', (what: { position: string }) => {
      this.#last = what.position;
      if (this.deskSince > 0) this.deskSince = clock.exact();
      how.heard.fresh();
    });
    source.onerror = () => {
      // The browser would try again by itself, but not after an answer that is no stream.
      source.close();
      if (this.#source !== source) return;
      this.open = false;
      if (desk !== null && this.#tries > 0) void this.#ask(desk);
      const wait = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)];
      this.#tries += 1;
      this.#timer = setTimeout(() => this.#connect(), wait) as unknown as number;
    };
  }

  /** Why a stream cannot be opened is told to nobody who listens to it: it is asked for by hand. */
  async #ask(desk: string): Promise<void> {
    const stop = new AbortController();
    try {
      const query = new URLSearchParams({ desk });
      const answer = await fetch(`/v1/events?${query.toString()}`, { signal: stop.signal });
      if (answer.status === 404) {
        const problem = (await answer.json()) as Partial<Problem>;
        const known = problem.params?.known;
        if (typeof known === 'string') this.desks = known.split(', ');
      }
    } catch {
      // Not reached: the next try will tell.
    } finally {
      stop.abort();
    }
  }

  #alive(): void {
    const since = this.staleSince;
    this.heardAt = clock.exact();
    if (since !== null) this.lastGap = [since, this.heardAt];
  }
}

export const stream = new Stream();
