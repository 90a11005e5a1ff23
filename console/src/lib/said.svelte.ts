// What came of what a person did: the node's sentence, for some seconds; a refusal until it is read.
import type { Answer, Failure } from './api';

export type Outcome = { n: number; text: string; detail: string; bad: boolean };

const SHOWN_MS = 9_000;
const HELD_MAX = 4;

class Said {
  outcomes = $state.raw<Outcome[]>([]);
  #n = 0;

  tell(text: string, detail = ''): void {
    const n = this.#add(text, detail, false);
    setTimeout(() => this.read(n), SHOWN_MS);
  }

  refuse(text: string, problem: Failure): void {
    this.#add(text, problem.detail === '' ? problem.title : problem.detail, true);
  }

  read(n: number): void {
    this.outcomes = this.outcomes.filter((each) => each.n !== n);
  }

  #add(text: string, detail: string, bad: boolean): number {
    this.#n += 1;
    this.outcomes = [...this.outcomes, { n: this.#n, text, detail, bad }].slice(-HELD_MAX);
    return this.#n;
  }
}

export const said = new Said();

/** Tell what came of it. One that has not reached the node waits in the queue, which says so. */
export function outcome<T>(text: string, answer: Answer<T>, detail: (value: T) => string): boolean {
  if (answer.ok) said.tell(text, detail(answer.value));
  else if (answer.problem.code !== 'unreachable') said.refuse(text, answer.problem);
  return answer.ok;
}
