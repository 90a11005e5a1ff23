// What is shown of all that is notified, by a person's choice. It stands in the address, hides nothing
// that somebody may be hurt by, and says how much it hides.
import { alarms } from './alarms.svelte';
import { refText, sameRef } from './refs';
import { store, type On } from './store.svelte';
import type { AlertView, AskView, Height, LineId, Mover, NoticeView, TrackView } from './types';
import { address, readSelection } from './url.svelte';

const NAMES = ['q', 'party', 'cls', 'low', 'high', 'lines'] as const;
const TEXT_MAX = 200;
const LEVEL_M = 30.48;
/** Heights above different things are compared so roughly here that nothing near is hidden. */
const MARGIN_M = 600;
/** A level lies higher or lower than its number by up to this part of it, as warm as the air is. */
const WARMTH = 0.1;
const GROUND_M_MAX = 9_000;
const WRITTEN = /^\/(.+)\/$/;
const NEVER_HIDDEN = new Set(['CONFLICT', 'UNDETERMINED', 'EXPOSED', 'COULD NOT READ']);

/** What is said for those in danger is never hidden. */
const EMERGENCIES = new Set<string>(['stop', 'distress', 'accident']);
/** Somebody may send an address with a pattern that takes hours: no more than this much of it. */
const REPEATS_MAX = 2;
const OPTIONS_MAX = 4;
/** A pattern looks at so much of each text; a plain text is looked for in all of it. */
const SEARCHED_MAX = 120;
const NONE: TrackView[] = [];

/** Of a page that has both: which of them is looked at. Without a choice, both. */
export const SIDES = ['real', 'exercise'] as const;

type Shows = (notice: On<NoticeView>) => boolean;

class Filter {
  /** Whether anything is filtered at all. */
  readonly on = $derived(NAMES.some((name) => address.get(name) !== null));
  /** The text as a pattern: `/between slashes/` it is a regular expression; null: it is none. */
  readonly pattern = $derived(patternOf(address.get('q') ?? ''));
  readonly shows = $derived(this.#made(true));
  /** The same of both sides: by which side is looked at no real alarm is judged. */
  readonly #judges = $derived(this.#made(false));
  /** Own movers that are known to be exposed, and tracks that something was found of. */
  readonly #endangered = $derived(
    new Set([
      ...store.notices.flatMap((each) => (each.exposure?.movers ?? []).map((mover) => `${each.line} ${mover.call_sign}`)),
      ...(store.live?.findings ?? []).flatMap((each) => each.finding.tracks),
    ]),
  );
  readonly movers = $derived(this.on ? store.movers.filter((each) => this.#showsMover(each)) : store.movers);
  readonly tracks = $derived(
    this.on ? (store.live?.shown ?? NONE).filter((each) => this.#showsTrack(each)) : (store.live?.shown ?? NONE),
  );
  /** Where the choices are wanted open: by key, on whatever list. */
  asked = $state(false);
  turn = $state(0);
  /** Pairs on the side that is looked at; one on a real line is never hidden. */
  readonly conflicts = $derived(store.conflicts.filter((each) => this.onSide(each.line) || !store.isExercise(each.line)));
  /** What is hidden now, on lists and map together, and how many of the hidden alarms ring here. */
  readonly hidden = $derived.by(() => {
    if (!this.on) return { n: 0, ring: 0 };
    const alerts = (store.alerts ?? []).filter((each) => !this.showsAlert(each));
    const notices = store.notices.filter((each) => !this.shows(each));
    const asks = store.asks.filter((each) => !this.showsAsk(each));
    return {
      n: alerts.length + notices.length + asks.length + this.unmarked,
      ring: alerts.filter((each) => alarms.sounds(each)).length,
    };
  });

  /** How many movers and tracks are hidden. */
  get unmarked(): number {
    return store.movers.length - this.movers.length + (store.live?.shown.length ?? 0) - this.tracks.length;
  }

  /** Whether what is looked at is an exercise alone, though there are real lines: those are hidden. */
  get drillAlone(): boolean {
    return address.get('lines') === 'exercise' && store.exercise && !store.onlyExercise;
  }

  /** Whether a line is on the side that is looked at: an address from an exercise that is over hides
   * nothing of what is real now. */
  onSide(line: LineId): boolean {
    if (!store.exercise || store.onlyExercise) return true;
    const side = address.get('lines');
    if (side === 'real') return !store.isExercise(line);
    return side !== 'exercise' || store.isExercise(line);
  }

  ask(): void {
    this.asked = true;
    this.turn += 1;
  }

  /** Of an alarm's or message's line: a real one is on every side. */
  #faces(line: LineId): boolean {
    return this.onSide(line) || !store.isExercise(line);
  }

  /** An alarm is hidden only with all that it is about, never an emergency; one that is about nothing
   * in particular cannot be judged, and stays. */
  showsAlert(alert: AlertView): boolean {
    if (!this.#faces(alert.line)) return false;
    if (!this.on || isEmergency(alert) || alert.about.length === 0) return true;
    if (this.pattern !== null && this.#matches([alert.words])) return true;
    return alert.about.some((ref) => {
      const notice = store.notice(ref, alert.line);
      if (notice !== null) return this.#judges(notice);
      const ask = store.asks.find((each) => each.line === alert.line && sameRef(each.ref, ref));
      return ask === undefined || this.showsAsk(ask, false);
    });
  }

  /** Of what is said by message: party and text can be judged, class and level cannot. */
  showsAsk(ask: On<AskView>, bySide = true): boolean {
    if (!this.#faces(ask.line)) return false;
    if (!this.on || EMERGENCIES.has(ask.kind) || ask.precedence === 'Z') return true;
    if (bySide && !this.onSide(ask.line)) return false;
    const party = address.get('party');
    if (party !== null && ask.party !== party) return false;
    return this.#matches([ask.party, refText(ask.ref), ask.words, ask.remark?.text ?? '']);
  }

  /** Own movers are their owner's; one without a known height is at every height. */
  #showsMover(mover: On<Mover>): boolean {
    if (this.#endangered.has(`${mover.line} ${mover.call_sign}`) || isChosen('mover', [mover.uid, `${mover.line}:${mover.call_sign}`])) return true;
    if (!this.onSide(mover.line)) return false;
    const [party, cls] = [address.get('party'), address.get('cls')];
    if (party !== null && party !== store.books[mover.line]?.view.me) return false;
    if (cls !== null && cls !== mover.cls) return false;
    return this.#matches([mover.call_sign]) && this.#atLevel(mover.height_mm === null ? null : mover.height_mm / 1000);
  }

  /** Whose a track is and of what class nobody has said: those two choices hide none. */
  #showsTrack({ seen, call_sign }: TrackView): boolean {
    const id = `${seen.source}/${seen.id}`;
    if (this.#endangered.has(id) || isChosen('track', [id])) return true;
    const names = [call_sign, seen.call_sign ?? '', seen.id, seen.source];
    // Above what it flies is not always known: then it is at every height.
    return this.#matches(names) && this.#atLevel(seen.ref === 'AGL' || seen.ref === null ? null : seen.height_m);
  }

  #atLevel(height: number | null): boolean {
    if (height === null) return true;
    const [low, high] = [levelOf(address.get('low')), levelOf(address.get('high'))];
    const slack = MARGIN_M + WARMTH * Math.abs(height);
    return height - slack <= (high ?? Infinity) && height + slack >= (low ?? -Infinity);
  }

  clear(): void {
    this.asked = false;
    address.set({ q: null, party: null, cls: null, low: null, high: null, lines: null });
  }

  #matches(texts: string[]): boolean {
    const pattern = this.pattern;
    if (pattern === null) return true;
    const cut = WRITTEN.test(address.get('q') ?? '') ? SEARCHED_MAX : Infinity;
    return texts.some((each) => pattern.test(each.slice(0, cut)));
  }

  #made(bySide: boolean): Shows {
    const [party, cls] = [address.get('party'), address.get('cls')];
    const [low, high] = [levelOf(address.get('low')), levelOf(address.get('high'))];
    // What an emergency is about, and what somebody has chosen, stays where it is looked for.
    const kept = new Set(
      (store.alerts ?? []).filter(isEmergency).flatMap((each) => each.about.map((ref) => store.uid(each.line, refText(ref)))),
    );
    const chosen = readSelection(address.get('sel'));
    if (chosen !== null) kept.add(chosen.id);
    return (notice) => {
      if (bySide && store.isExercise(notice.line) && !this.onSide(notice.line) && notice.uid !== chosen?.id) return false;
      if (notice.precedence === 'Z' || kept.has(notice.uid) || notice.badges.some((badge) => NEVER_HIDDEN.has(badge))) return true;
      if (bySide && !this.onSide(notice.line)) return false;
      if (party !== null && notice.party !== party) return false;
      if (cls !== null && notice.cls !== cls) return false;
      if (!this.#matches(textsOf(notice))) return false;
      if (low === null && high === null) return true;
      return notice.volumes.length === 0 || notice.volumes.some(
        (volume) => bottom(volume.lower) <= (high ?? Infinity) && top(volume.upper) >= (low ?? -Infinity),
      );
    };
  }
}

function isChosen(kind: string, names: string[]): boolean {
  const chosen = readSelection(address.get('sel'));
  return chosen !== null && chosen.kind === kind && names.includes(chosen.id);
}

function isEmergency(alert: AlertView): boolean {
  return alert.severity === 'emergency' || alert.precedence === 'Z';
}

function textsOf(notice: NoticeView): string[] {
  return [notice.label, notice.party, notice.cls_name, refText(notice.ref), notice.key ?? '', notice.remark?.text ?? ''];
}

/** null for no text and for a pattern that cannot be read, which then filters nothing. */
function patternOf(text: string): RegExp | null {
  const cut = text.slice(0, TEXT_MAX);
  if (cut === '') return null;
  const written = WRITTEN.exec(cut);
  if (written?.[1] !== undefined && heavy(written[1])) return null;
  try {
    return new RegExp(written?.[1] ?? cut.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'iu');
  } catch {
    return null;
  }
}

/** Whether a pattern may take long: it repeats much, or repeats a group. */
function heavy(pattern: string): boolean {
  const bare = pattern.replace(/\\./g, '_').replace(/\[[^\]]*\]/g, '_').replace(/\(\?/g, '(');
  const repeats = bare.match(/[*+{]/g)?.length ?? 0;
  const options = bare.match(/\?/g)?.length ?? 0;
  return repeats > REPEATS_MAX || options > OPTIONS_MAX || /\)[*+{]/.test(bare);
}

function levelOf(text: string | null): number | null {
  const level = Number(text);
  return text === null || !Number.isFinite(level) ? null : level * LEVEL_M;
}

function bottom(of: Height): number {
  if (of.mm === undefined || of.mm === null) return of.ref === 'UNL' ? Infinity : -Infinity;
  return of.mm / 1000 - MARGIN_M - (WARMTH * Math.abs(of.mm)) / 1000;
}

function top(of: Height): number {
  if (of.mm === undefined || of.mm === null) return of.ref === 'SFC' ? GROUND_M_MAX : Infinity;
  return of.mm / 1000 + MARGIN_M + (WARMTH * Math.abs(of.mm)) / 1000 + (of.ref === 'AGL' ? GROUND_M_MAX : 0);
}

export const filter = new Filter();
