// The one state of the page. All of it came from the node; nothing is made up here, and what the
// node has not said yet is null, never empty.
import { call, type Answer } from './api';
import { HeldDuties, HeldLine, type Listed } from './held';
import { pairText, refText, sameRef, splitName } from './refs';
import { clock } from './time.svelte';
import { address } from './url.svelte';
import type {
  Agreement, AlertView, AskView, ConflictView, DutyGroup, EntryRef, HandoverView, LineId, LineView, LiveView,
  Mover, NodeView, NoticeView, SealView, Standing_ViewStandingView as AgreedArea,
} from './types';

/** One line as it was read last. null: not read yet, or the node cannot say (it loads). */
export type LineBook = {
  view: LineView;
  terms: Agreement | null;
  notices: NoticeView[] | null;
  conflicts: ConflictView[] | null;
  asks: AskView[] | null;
  movers: Mover[] | null;
  seals: SealView[] | null;
  /** Areas and periods that two parties have, or one of them has, signed a measure for. */
  areas: AgreedArea[] | null;
  handover: HandoverView | null;
};
const NOTHING_YET: Omit<LineBook, 'view'> = {
  terms: null, notices: null, conflicts: null, asks: null, movers: null, seals: null, areas: null, handover: null,
};
/** A thing with the line that it is on, and its name in this page: what is selected, and found again. */
export type On<T> = T & { line: LineId; uid: string };

/** Of a line, in a name: more than anybody can make alike by trying. */
const LINE_SIGNS = 32;

const ALL_AGAIN_MS = 30_000;
/** Once in so many readings of a line all of it is read, and not only what changed. */
const WHOLE_EVERY = 500;
const TRACKS_MS = 2_000;
/** Between two readings: a flood of changes must not become a flood of questions. */
const PAUSE_MS = 250;
/** A node that takes long to answer is asked less often, but never less than this. */
const PAUSE_MS_MAX = 3_000;

class Store {
  node = $state.raw<NodeView | null>(null);
  alerts = $state.raw<AlertView[] | null>(null);
  /** Open duties that are not among ``alerts``, which are the loudest: how many there are of what. */
  left = $state.raw<DutyGroup[]>([]);
  /** Those of them that somebody has asked to see. */
  further = $state.raw<ReadonlyMap<string, AlertView>>(new Map());
  books = $state.raw<Readonly<Record<LineId, LineBook>>>({});
  live = $state.raw<LiveView | null>(null);
  /** Node time at which the node was read last without a fault. */
  readAt = $state(0);
  /** What the last reading failed with; empty: it did not. */
  trouble = $state('');

  #due = new Set<LineId>();
  #all = false;
  #again = false;
  #running = false;
  #timers: number[] = [];
  #duties = new HeldDuties();
  /** Heard since the last reading began. */
  #meanwhile: AlertView[] = [];
  /** Counts who has signed out: what was asked for somebody is not shown to the next. */
  #generation = 0;
  #held = new Map<LineId, { line: HeldLine; read: number }>();
  #on = new WeakMap<object, On<object>>();

  /** Real lines before exercises: what goes to the first where nobody chose must go where it counts. */
  readonly lines = $derived(
    Object.values(this.books).sort(
      (a, b) => Number(a.view.exercise) - Number(b.view.exercise) || a.view.title.localeCompare(b.view.title),
    ),
  );
  readonly me = $derived(this.node?.party ?? '');
  readonly exercise = $derived(this.node?.lines.some((line) => line.exercise) ?? false);
  /** Every line is one: nothing on this page is real. */
  readonly onlyExercise = $derived(this.exercise && this.node?.lines.every((line) => line.exercise) === true);
  /** Whether a line is an exercise. */
  isExercise(line: LineId): boolean {
    return this.books[line]?.view.exercise ?? false;
  }
  /** How many of the alarms that are not told one by one nobody has taken. */
  readonly untakenLeft = $derived(this.left.reduce((sum, each) => sum + each.ringing, 0));
  readonly notices = $derived(this.#each((book) => book.notices, (each) => refText(each.ref)));
  readonly conflicts = $derived(this.#each((book) => book.conflicts, (each) => pairText(each.a, each.b)));
  readonly asks = $derived(this.#each((book) => book.asks, (each) => refText(each.ref)));
  readonly movers = $derived(this.#each((book) => book.movers, (each) => each.call_sign));

  #each<T extends object>(of: (book: LineBook) => T[] | null, text: (each: T) => string): On<T>[] {
    return this.lines.flatMap((book) => {
      const { line } = book.view;
      return (of(book) ?? []).map((each) => {
        const uid = this.uid(line, text(each));
        const held = this.#on.get(each) as On<T> | undefined;
        if (held?.uid === uid && held.line === line) return held;
        const on = { ...each, line, uid };
        this.#on.set(each, on);
        return on;
      });
    });
  }

  /** The name in this page of what has this text on a line. */
  uid(line: LineId, text: string): string {
    return this.lines.length > 1 ? `${text}@${line.slice(0, LINE_SIGNS)}` : text;
  }

  /** The one of a name. Without a line in it, that of the first line that has one. */
  #named<T>(all: On<T>[], name: string): On<T> | null {
    const [text, line] = splitName(name);
    return (
      all.find((each) => each.uid === name) ??
      all.find((each) => each.line.startsWith(line) && splitName(each.uid)[0] === text) ??
      null
    );
  }

  notice(ref: EntryRef, line?: LineId): On<NoticeView> | null {
    return (
      this.notices.find((n) => sameRef(n.ref, ref) && (line === undefined || n.line === line)) ?? null
    );
  }

  noticeById(id: string): On<NoticeView> | null {
    return this.#named(this.notices, id);
  }

  askById(id: string): On<AskView> | null {
    return this.#named(this.asks, id);
  }

  conflictById(id: string): On<ConflictView> | null {
    return this.#named(this.conflicts, id);
  }

  alert(id: string): AlertView | null {
    return this.alerts?.find((alert) => alert.id === id) ?? this.further.get(id) ?? null;
  }

  /** Read all from now on, again and again; the stream says when sooner. */
  start(): void {
    this.stop();
    this.refreshAll();
    this.#timers = [
      setInterval(() => this.refreshAll(), ALL_AGAIN_MS) as unknown as number,
      setInterval(() => void this.#tracks(), TRACKS_MS) as unknown as number,
    ];
    void this.#tracks();
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  /** Somebody signed out: nothing of what was shown stays. */
  forget(): void {
    this.stop();
    this.further = new Map();
    [this.node, this.alerts, this.left, this.books, this.live] = [null, null, [], {}, null];
    this.#held.clear();
    this.#duties = new HeldDuties();
    this.#generation += 1;
  }

  refreshAll(): void {
    this.#all = true;
    void this.#run();
  }

  /** Read these lines again, and in any case the node and its duties. */
  refresh(lines: LineId[]): void {
    for (const line of lines) this.#due.add(line);
    this.#again = true;
    void this.#run();
  }

  /** A duty as the stream has it: it is on the screen before anything else is read. What is being read
   * meanwhile may have been answered before it: it is shown again when that is there. */
  heard(alert: AlertView): void {
    this.#meanwhile.push(alert);
    this.#show(alert);
  }

  #show(alert: AlertView): void {
    if (this.alerts === null) return;
    if (this.further.has(alert.id)) this.further = new Map([...this.further, [alert.id, alert]]);
    const rest = this.alerts.filter((held) => held.id !== alert.id);
    const over = alert.state === 'closed' || alert.followed_by !== null;
    this.alerts = over ? rest : [alert, ...rest];
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#all || this.#again || this.#due.size > 0) {
        const all = this.#all;
        const due = [...this.#due];
        this.#all = false;
        this.#again = false;
        this.#due.clear();
        const began = performance.now();
        await this.#read(all, due);
        const pause = Math.min(PAUSE_MS_MAX, Math.max(PAUSE_MS, performance.now() - began));
        await new Promise((wake) => setTimeout(wake, pause));
      }
    } finally {
      this.#running = false;
    }
  }

  async #read(all: boolean, due: LineId[]): Promise<void> {
    const [generation, duties] = [this.#generation, this.#duties];
    const query = duties.position === null ? {} : { after: duties.position };
    this.#meanwhile = [];
    const [node, told] = await Promise.all([call('GET /v1/node'), call('GET /v1/duties', { query })]);
    if (generation !== this.#generation) return;
    if (told.ok) duties.take(told.value);
    if (!node.ok || !told.ok) {
      const failed = !node.ok ? node : told;
      if (!failed.ok) this.trouble = failed.problem.detail;
      return;
    }
    clock.set(node.value.now);
    this.node = node.value;
    this.alerts = duties.listed;
    for (const alert of this.#meanwhile) this.#show(alert);
    this.left = told.value.left;
    this.readAt = clock.exact();
    // Who is on the line and how it stands is shown at once; what takes longer comes as it comes.
    const next: Record<LineId, LineBook> = {};
    for (const view of node.value.lines) next[view.line] = { ...(this.books[view.line] ?? NOTHING_YET), view };
    const wanted = node.value.lines.filter(
      (line) => all || due.includes(line.line) || !(line.line in this.books),
    );
    this.books = next;
    const faults = await Promise.all(wanted.map((line) => this.#book(line)));
    this.trouble = faults.find((fault) => fault !== '') ?? '';
  }

  /** Read a line; why not all of it could be read. What cannot be read stays as it was, and the page
   * says so: a question without an answer must not empty the map. */
  async #book(view: LineView): Promise<string> {
    const path = { line: view.line };
    let fault = '';
    const take = <T>(answer: Answer<T>, part: (value: T) => Partial<LineBook>): void => {
      const held = this.books[view.line];
      if (!answer.ok) fault = answer.problem.detail;
      else if (held !== undefined) {
        this.books = { ...this.books, [view.line]: { ...held, ...part(answer.value) } };
      }
    };
    const terms = async (): Promise<void> => {
      if (this.books[view.line]?.terms?.version === view.terms) return;
      take(await call('GET /v1/lines/{line}/terms', { path }), (terms) => ({ terms }));
    };
    const handover = async (): Promise<void> => {
      // What waits to be handed over is work for the node: read while somebody looks at it.
      if (!looksAt('handover')) return;
      take(await call('GET /v1/lines/{line}/handover', { path }), (handover) => ({ handover }));
    };
    await Promise.all([
      terms(),
      handover(),
      this.#changes(view.line).then((of) => take(of, (part) => part)),
    ]);
    return fault;
  }

  /** What changed on a line since it was read last; now and then, and at first, all of it. */
  async #changes(line: LineId): Promise<Answer<Listed>> {
    const held = this.#held.get(line) ?? { line: new HeldLine(), read: 0 };
    this.#held.set(line, held);
    if (held.read % WHOLE_EVERY === 0) held.line.position = null;
    const after = held.line.position;
    const told = await call('GET /v1/lines/{line}/changes', {
      path: { line },
      query: after === null ? {} : { after },
    });
    if (!told.ok) return told;
    held.read += 1;
    return { ok: true, value: held.line.take(told.value) };
  }

  async #tracks(): Promise<void> {
    const first = await call('GET /v1/tracks', { query: { limit: '1000' } });
    if (!first.ok) return;
    let shown = first.value.shown;
    while (shown.length < first.value.tracks && shown.length < 5000) {
      const more = await call('GET /v1/tracks', {
        query: { offset: String(shown.length), limit: '1000' },
      });
      if (!more.ok || more.value.shown.length === 0) break;
      shown = [...shown, ...more.value.shown];
    }
    this.live = { ...first.value, shown };
  }
}

function looksAt(panel: string): boolean {
  return address.get('work') === panel || address.get('list') === panel;
}

export const store = new Store();
