// What sounds here, and how loud. One sound for each peer and kind of trouble, with the number of
// alarms behind it; again every fifteen seconds, louder each time, until a person has it in hand.
import { settings } from './settings.svelte';
import { sound, type Sounding } from './sound.svelte';
import { store } from './store.svelte';
import { stream } from './stream.svelte';
import { clock } from './time.svelte';
import type { AlertView, Precedence, Severity } from './types';

export const REPEAT_MS = 15_000;
const TICK_MS = 250;
/** Each time louder by this much of the chosen loudness, to the full in the end. */
const LOUDER = 0.35;
/** What is read before the stream has told of it is not sounded at the wrong desk; but what the stream
 * does not tell of is. */
const TOLD_MS = 3_000;
const AT_ONCE_MAX = 4;
const PIPS_MAX = 5;
const RANK: Record<Severity, number> = { emergency: 0, alarm: 1, warning: 2, caution: 3 };

/** Alarms that sound as one. */
export type Ringing = {
  key: string;
  sounds: Sounding;
  severity: Severity;
  first: AlertView;
  /** How many alarms: by the node's count, or by what stands here where that is more. */
  count: number;
  flash: boolean;
};

const PRECEDENCE: Record<Precedence, number> = { Z: 0, O: 1, P: 2, R: 3 };

/** What is real before any exercise, then the loudest, then what is handled first, then what rang first. */
export function louder(a: AlertView, b: AlertView): number {
  return (
    Number(a.exercise) - Number(b.exercise) ||
    RANK[a.severity] - RANK[b.severity] ||
    PRECEDENCE[a.precedence] - PRECEDENCE[b.precedence] ||
    a.since - b.since ||
    (a.id < b.id ? -1 : 1)
  );
}

/** Nobody has it in hand. */
export function unacknowledged(alert: AlertView): boolean {
  return alert.state === 'raised' || alert.state === 'escalated';
}

function soundOf(alert: AlertView): Sounding {
  if (alert.exercise) return 'exercise';
  return alert.kind === 'undetermined' ? 'undetermined' : alert.severity;
}

/** The stream never tells of it here: it is of a line that other desks have, or an exercise where this
 * one has what is real. */
function isElsewhere(alert: AlertView): boolean {
  return stream.deskSince > 0 && alert.desks.length > 0 && !alert.desks.includes(stream.desk);
}

class Alarms {
  /** Of each alarm that the stream told of: whether it rings at this desk. One that was there
   * before the stream told of it counts as ringing. */
  #here = $state.raw<ReadonlyMap<string, boolean>>(new Map());
  #timer = 0;
  #known = new Set<string>();
  #keys = new Set<string>();
  #busyUntil = 0;
  #last = 0;
  #times = 0;

  readonly ringing: Ringing[] = $derived.by(() => {
    const found = new Map<string, AlertView[]>();
    for (const alert of [...(store.alerts ?? [])].sort(louder)) {
      if (!this.sounds(alert)) continue;
      const key = `${alert.line} ${alert.peer ?? ''} ${alert.kind}`;
      found.set(key, [...(found.get(key) ?? []), alert]);
    }
    return [...found].flatMap(([key, alerts]) => {
      const first = alerts[0];
      if (first === undefined) return [];
      const count = Math.max(alerts.length, ...alerts.map((each) => each.count));
      const flash = alerts.some((each) => each.precedence === 'Z');
      return [{ key, sounds: soundOf(first), severity: first.severity, first, count, flash }];
    });
  });

  /** Whether this alarm is heard at this desk now. */
  sounds(alert: AlertView): boolean {
    if (!unacknowledged(alert) || !alert.sounding) return false;
    if (alert.silenced_until !== null && alert.silenced_until > clock.now) return false;
    const untold = !stream.open || clock.now - alert.raised > TOLD_MS;
    return this.#here.get(alert.id) ?? (!isElsewhere(alert) && (this.#before(alert) || untold));
  }

  /** It rang before this page was a desk: where, nobody told, so that it rings here. */
  #before(alert: AlertView): boolean {
    return stream.deskSince === 0 || alert.raised < stream.deskSince;
  }

  /** The stream told of an alarm; `ring`: that it rings at this desk. */
  heard(alert: AlertView, ring: boolean): void {
    const known = this.#here.get(alert.id) ?? (this.#before(alert) && store.alert(alert.id) !== null);
    this.#here = new Map([...this.#here].slice(-500)).set(alert.id, ring || known);
  }

  start(): void {
    this.stop();
    this.#timer = setInterval(() => this.#tick(), TICK_MS) as unknown as number;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (!sound.armed) {
      this.#known.clear();
      return;
    }
    const now = performance.now();
    const name = (each: Ringing): string => `${each.key} ${each.first.id} ${each.count}`;
    const fresh = this.ringing.filter((each) => !this.#known.has(name(each)));
    if (this.ringing.length === 0) {
      this.#known.clear();
      this.#times = 0;
      return;
    }
    // What is playing is heard to its end, so that a flood stays one sound after the other; only an
    // emergency of a peer that was quiet so far does not wait for it.
    const first = fresh.some((each) => each.severity === 'emergency' && !this.#keys.has(each.key));
    if (now < this.#busyUntil && !first) return;
    if (fresh.length === 0 && now - this.#last < REPEAT_MS) return;
    if (fresh.length > 0) this.#times = 0;
    this.#known = new Set(this.ringing.map(name));
    this.#keys = new Set(this.ringing.map((each) => each.key));
    this.#last = now;
    this.#busyUntil = now + 1000 * this.#play(fresh.length > 0 ? fresh : this.ringing);
  }

  /** Sound these one after the other, the loudest first. Gives how many seconds it takes. */
  #play(which: Ringing[]): number {
    const gain = Math.min(1, settings.now.volume * (1 + LOUDER * this.#times));
    this.#times += 1;
    let after = 0;
    for (const each of which.slice(0, AT_ONCE_MAX)) {
      after += sound.play(each.sounds, gain, after) + 0.2;
      const pips = each.flash && each.count > 1 ? Math.min(each.count, PIPS_MAX) : 0;
      for (let n = 0; n < pips; n += 1) after += sound.play('pip', gain, after);
    }
    return after;
  }
}

export const alarms = new Alarms();
