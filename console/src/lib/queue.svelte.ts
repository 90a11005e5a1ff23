// Actions that have not reached the node yet: what they are, how old, and what becomes of them.
// Each carries an id of its own, so that sending it twice is sending it once. One that has grown old
// is not sent before a person says so again: the world may have changed. They outlive this page, are
// the same on all pages of this browser, and are sent by nobody but who wrote them.
import { newId, send, type Answer, type Failure } from './api';
import { session } from './session.svelte';
import { clock } from './time.svelte';

/** Older than this an action is asked about again before it goes. */
export const STALE_MS = 60_000;
const RETRY_MS = 2_000;
/** On its way for longer than any answer takes: who sent it is not there any more to hear it. */
const ON_ITS_WAY_MS = 20_000;
const SLOW_MS = 2_000;
const KEY = 'clearline.unsent';

export type Unsent = {
  id: string;
  path: string;
  body: Record<string, unknown>;
  /** What it is, in words, for the list. */
  words: string;
  since: number;
  /** Whose action it is: in nobody else's name it ever goes. */
  by: string;
  /** Node time from which on it counts as not sent: until then it may be on its way. */
  from: number;
};

class Queue {
  #all = $state.raw<Unsent[]>(this.#stored() ?? []);
  /** Refused by the node after having waited: shown until somebody has read it. */
  refused = $state.raw<{ action: Unsent; problem: Failure }[]>([]);
  #trying = false;
  /** Whether this browser keeps anything for this page. */
  #keeps = true;

  readonly unsent: Unsent[] = $derived(this.#all.filter((each) => each.from <= clock.now));
  /** On its way for longer than an answer should take: nobody may believe that a STOP has gone while
   * the node hangs. */
  readonly slow: Unsent[] = $derived(
    this.#all.filter((each) => each.from > clock.now && each.since + SLOW_MS <= clock.now),
  );

  constructor() {
    setInterval(() => void this.#round(), RETRY_MS);
    addEventListener('storage', (event) => {
      if (event.key === KEY) this.#all = this.#stored() ?? this.#all;
    });
  }

  /** Whether it is for a person to say that it is still meant. Nobody knows how old it is before the
   * node has told its time: this computer's may be another. */
  isOld(action: Unsent): boolean {
    return !clock.known || Math.abs(clock.now - action.since) > STALE_MS;
  }

  isOwn(action: Unsent): boolean {
    return action.by === session.now?.person;
  }

  /** Write something. Not reached, or nobody signed in any more: it stays here, and the answer says
   * `unreachable` or why. What is under way or waits already, word for word, is not written a second
   * time when somebody presses again: the same goes once more, and counts once. */
  async write<T>(path: string, body: object, words: string): Promise<Answer<T>> {
    const action = this.#same(path, body) ?? this.#added(path, body, words);
    const { id, since } = action;
    const answer = await send<T>('POST', path, action.body);
    if (isKept(answer)) {
      this.#change((held) => held.map((each) => (each.id === id ? { ...each, from: since } : each)));
    } else this.drop(id);
    return answer;
  }

  #added(path: string, body: object, words: string): Unsent {
    const [id, since] = [newId(), clock.exact()];
    const by = session.now?.person ?? '';
    const action: Unsent = { id, path, body: { ...body, id }, words, since, by, from: since + ON_ITS_WAY_MS };
    this.#change((held) => [...held, action]);
    return action;
  }

  #same(path: string, body: object): Unsent | undefined {
    return this.#now().find((each) =>
      each.path === path && this.isOwn(each) && JSON.stringify(each.body) === JSON.stringify({ ...body, id: each.id }));
  }

  /** A person says that an old one is still meant. */
  async again(id: string): Promise<void> {
    await this.#try(id);
  }

  /** A person takes one back before it went. */
  drop(id: string): void {
    this.#change((held) => held.filter((each) => each.id !== id));
  }

  /** A refusal has been read. */
  read(id: string): void {
    this.refused = this.refused.filter((each) => each.action.id !== id);
  }

  async #round(): Promise<void> {
    if (this.#trying) return;
    this.#trying = true;
    for (const action of this.unsent) {
      if (!this.isOwn(action) || this.isOld(action)) continue;
      if (!(await this.#try(action.id))) break;
    }
    this.#trying = false;
  }

  /** Send one that is still there: another page may have sent or dropped it. */
  async #try(id: string): Promise<boolean> {
    const action = this.#now().find((each) => each.id === id);
    if (action === undefined || !this.isOwn(action)) return true;
    const answer = await send('POST', action.path, action.body);
    if (isKept(answer)) return false;
    this.drop(action.id);
    if (!answer.ok) this.refused = [...this.refused, { action, problem: answer.problem }];
    return true;
  }

  /** What all pages of this browser hold; null: nothing can be kept here, or it means nothing. */
  #stored(): Unsent[] | null {
    try {
      return JSON.parse(localStorage.getItem(KEY) ?? '[]') as Unsent[];
    } catch {
      return null;
    }
  }

  /** What is there at this moment, whichever page put it there. */
  #now(): Unsent[] {
    return (this.#keeps ? this.#stored() : null) ?? this.#all;
  }

  #change(change: (held: Unsent[]) => Unsent[]): void {
    this.#all = change(this.#now());
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#all));
      this.#keeps = true;
    } catch {
      this.#keeps = false;
      // Kept in memory alone then; the list says how old each is all the same.
    }
  }
}

function isKept<T>(answer: Answer<T>): boolean {
  return !answer.ok && (answer.problem.code === 'unreachable' || answer.problem.status === 401);
}

export const queue = new Queue();
