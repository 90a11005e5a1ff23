// A line as this page holds it: what came first, and every change since put in. What it gives is what
// the plain questions of the API would answer; things that did not change stay the same objects, so
// that nothing is drawn again for them.
import { refText } from './refs';
import type {
  AlertView, AskView, ConflictView, DutiesView, EntryRef, MomentView, Mover, NoticeView, SealView, ShownView,
  Standing_ViewStandingView as AgreedArea,
} from './types';

/** Where in the words of a notice the time of its party's standings belongs. */
const MOMENT = /\ue000/g;

export type Listed = {
  notices: NoticeView[];
  conflicts: ConflictView[];
  asks: AskView[];
  movers: Mover[];
  seals: SealView[];
  areas: AgreedArea[];
};
type Said = { from: NoticeView; clock: string; notice: NoticeView };

class Things<T> {
  #held = new Map<string, T>();
  #listed: T[] = [];
  readonly #name: (of: T) => string;
  readonly #order: (a: T, b: T) => number;

  constructor(name: (of: T) => string, order: (a: T, b: T) => number) {
    [this.#name, this.#order] = [name, order];
  }

  take(whole: boolean, gone: string[], changed: T[]): void {
    if (whole) this.#held = new Map();
    else if (gone.length === 0 && changed.length === 0) return;
    for (const name of gone) this.#held.delete(name);
    for (const each of changed) this.#held.set(this.#name(each), each);
    this.#listed = [...this.#held.values()].sort(this.#order);
  }

  get listed(): T[] {
    return this.#listed;
  }
}

export class HeldLine {
  /** What to ask after; null: for everything. */
  position: string | null = null;
  #notices = new Things<NoticeView>((of) => refText(of.ref), (a, b) => places(a.ref, b.ref));
  #conflicts = new Things<ConflictView>((of) => pair(of.a, of.b), soonest);
  #asks = new Things<AskView>((of) => refText(of.ref), (a, b) => b.t - a.t || places(a.ref, b.ref));
  #movers: Mover[] = [];
  #seals: SealView[] = [];
  #areas: AgreedArea[] = [];
  #said = new Map<string, Said>();
  #last: NoticeView[] = [];

  /** Put in what changed. */
  take(told: ShownView): Listed {
    const { whole } = told;
    this.#notices.take(whole, told.notices.gone.map(refText), told.notices.changed);
    this.#conflicts.take(whole, told.conflicts.gone.map(([a, b]) => pair(a, b)), told.conflicts.changed);
    this.#asks.take(whole, told.asks.gone.map(refText), told.asks.changed);
    this.position = told.position;
    this.#movers = told.movers ?? this.#movers;
    this.#seals = told.seals ?? this.#seals;
    this.#areas = told.standing ?? this.#areas;
    return {
      notices: this.#timed(told.moments),
      conflicts: this.#conflicts.listed,
      asks: this.#asks.listed,
      movers: this.#movers,
      seals: this.#seals,
      areas: this.#areas,
    };
  }

  /** The notices with as of when their standings are known. That of a party changes with everything it
   * writes; here it is put in when it can be seen, by the minute. */
  #timed(moments: MomentView[]): NoticeView[] {
    const of = new Map(moments.map((each) => [each.party, each]));
    const clocks = new Map(moments.map((each) => [each.party, `${new Date(each.as_of).toISOString().slice(11, 16)}Z`]));
    const said = new Map<string, Said>();
    const listed = this.#notices.listed.map((from) => {
      const moment = of.get(from.party);
      if (moment === undefined || from.standing === null) return from;
      const clock = clocks.get(from.party) ?? '';
      const name = refText(from.ref);
      let held = this.#said.get(name);
      if (held?.from !== from || held.clock !== clock) held = { from, clock, notice: timed(from, moment, clock) };
      said.set(name, held);
      return held.notice;
    });
    this.#said = said;
    const same = listed.length === this.#last.length && listed.every((each, n) => each === this.#last[n]);
    if (!same) this.#last = listed;
    return this.#last;
  }
}

/** The loudest of the open duties, in no order: who shows them sorts them. */
export class HeldDuties {
  position: string | null = null;
  listed: AlertView[] = [];
  #held = new Map<string, AlertView>();

  /** Put in what changed. */
  take(told: DutiesView): void {
    if (told.whole) this.#held.clear();
    for (const id of told.gone) this.#held.delete(id);
    for (const alert of told.changed) this.#held.set(alert.id, alert);
    this.position = told.position;
    this.listed = [...this.#held.values()];
  }
}

function timed(notice: NoticeView, moment: MomentView, clock: string): NoticeView {
  if (notice.standing === null) return notice;
  const standing = {
    ...notice.standing,
    as_of: moment.as_of,
    proved_by: moment.proved_by,
    words: notice.standing.words.replace(MOMENT, clock),
  };
  return { ...notice, standing, words: notice.words.replace(MOMENT, clock) };
}

function pair(a: EntryRef, b: EntryRef): string {
  return `${refText(a)} ${refText(b)}`;
}

function places(a: EntryRef, b: EntryRef): number {
  return a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1;
}

function soonest(a: ConflictView, b: ConflictView): number {
  return (
    Number(a.verdict !== 'YES') - Number(b.verdict !== 'YES') ||
    (a.overlap_start ?? 0) - (b.overlap_start ?? 0) ||
    places(a.a, b.a) ||
    places(a.b, b.b)
  );
}
