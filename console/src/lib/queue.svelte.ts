// Actions that have not reached the node yet: what they are, how old, and what becomes of them.
// Each carries an id of its own, so that sending it twice is sending it once. One that has grown old
// is not sent before a person says so again: the world may have changed.
import { newId, send, type Answer, type Failure } from './api';
import { clock } from './time.svelte';

/** Older than this an action is asked about again before it goes. */
export const STALE_MS = 60_000;
const RETRY_MS = 2_000;
const KEY = 'clearline.unsent';

export type Unsent = {
  id: string;
  path: string;
  body: Record<string, unknown>;
  /** What it is, in words, for the list. */
  words: string;
  since: number;
};

class Queue {
  unsent = $state.raw<Unsent[]>(this.#kept());
  /** Refused by the node after having waited: shown until somebody has read it. */
  refused = $state.raw<{ action: Unsent; problem: Failure }[]>([]);
  #timer = 0;

  constructor() {
    if (this.unsent.length > 0) this.#later();
  }

  /** Those that wait for a person's word. */
  get stale(): Unsent[] {
    return this.unsent.filter((each) => clock.now - each.since > STALE_MS);
  }

  /** Write something. Not reached: it stays here, and the answer says `unreachable`. */
  async write<T>(path: string, body: object, words: string): Promise<Answer<T>> {
    const id = newId();
    const action: Unsent = { id, path, body: { ...body, id }, words, since: clock.exact() };
    const answer = await send<T>('POST', path, action.body);
    if (!answer.ok && answer.problem.code === 'unreachable') {
      this.#keep([...this.unsent, action]);
      this.#later();
    }
    return answer;
  }

  /** A person says that an old one is still meant. */
  async again(id: string): Promise<void> {
    const action = this.unsent.find((each) => each.id === id);
    if (action !== undefined) await this.#try(action);
  }

  /** A person takes one back before it went. */
  drop(id: string): void {
    this.#keep(this.unsent.filter((each) => each.id !== id));
  }

  /** A refusal has been read. */
  read(id: string): void {
    this.refused = this.refused.filter((each) => each.action.id !== id);
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#round(), RETRY_MS) as unknown as number;
  }

  async #round(): Promise<void> {
    for (const action of this.unsent) {
      if (clock.exact() - action.since > STALE_MS) continue;
      if (!(await this.#try(action))) break;
    }
    if (this.unsent.length > this.stale.length) this.#later();
  }

  async #try(action: Unsent): Promise<boolean> {
    const answer = await send('POST', action.path, action.body);
    if (!answer.ok && answer.problem.code === 'unreachable') return false;
    this.drop(action.id);
    if (!answer.ok) this.refused = [...this.refused, { action, problem: answer.problem }];
    return true;
  }

  #kept(): Unsent[] {
    try {
      return JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as Unsent[];
    } catch {
      return [];
    }
  }

  #keep(unsent: Unsent[]): void {
    this.unsent = unsent;
    try {
      sessionStorage.setItem(KEY, JSON.stringify(unsent));
    } catch {
      // Kept in memory alone then; the list says how old each is all the same.
    }
  }
}

export const queue = new Queue();
