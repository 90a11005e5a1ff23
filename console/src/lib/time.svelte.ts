// The node's time, not the computer's: what the node said last, carried on by a clock that no one
// sets. A screen whose node is silent goes on counting, and the stale banner says so.

const SECOND = 1000;
const TICK_MS = 500;

class NodeClock {
  /** UTC milliseconds by the node, twice a second: for what is shown. */
  now = $state(Date.now());
  /** Whether the node has told its time yet. */
  known = $state(false);
  /** How far this computer's clock is ahead of the node's, in milliseconds; negative: behind. Nothing
   * is reckoned by it, but who reads it beside the page must know. */
  ahead = $state(0);
  #offset = Date.now() - performance.now();

  constructor() {
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** The node says what time it is. */
  set(nodeNow: number): void {
    this.#offset = nodeNow - performance.now();
    this.known = true;
    this.ahead = Date.now() - nodeNow;
    this.#tick();
  }

  /** UTC milliseconds by the node, at this moment: for what is measured. */
  exact(): number {
    return this.#offset + performance.now();
  }

  #tick(): void {
    this.now = Math.floor(this.exact());
  }
}

export const clock = new NodeClock();

const two = (n: number): string => String(n).padStart(2, '0');

/** 18:41:07Z */
export function zClock(t: number): string {
  const at = new Date(t);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}Z`;
}

/** 18:41Z, or with its date where that is not today's. */
export function zTime(t: number, now = clock.now): string {
  const at = new Date(t);
  const short = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}Z`;
  return zDate(t) === zDate(now) ? short : `${zDate(t).slice(5)} ${short}`;
}

/** 2026-11-22 */
export function zDate(t: number): string {
  return new Date(t).toISOString().slice(0, 10);
}

/** 2026-11-22T18:41:07Z, as the API's people write it. */
export function zFull(t: number): string {
  return `${zDate(t)}T${zClock(t)}`;
}

/** The computer's own zone beside Z, for those who need it: 20:41. */
export function localTime(t: number): string {
  const at = new Date(t);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** A length of time in two parts at most: 42 s, 12 min 05 s, 3 h 07 min, 2 d 4 h. */
export function length(ms: number): string {
  const s = Math.floor(Math.abs(ms) / SECOND);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** What is left until a time, counting down, negative once it is past: 04:31, −0:12. */
export function countdown(until: number, now = clock.now): string {
  const left = Math.floor((until - now) / SECOND);
  const s = Math.abs(left);
  const sign = left < 0 ? '−' : '';
  const h = Math.floor(s / 3600);
  const rest = `${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
  return h > 0 ? `${sign}${h}:${rest}` : `${sign}${rest}`;
}
