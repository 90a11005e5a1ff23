// Telling many at once: somebody has said on one call what stands on many notices. Each becomes a
// record of its own; what was not recorded stays NOT TOLD and is listed with the reason. It goes on
// while its sheet is closed, and ends with the one who is signed in.
import { SvelteSet } from 'svelte/reactivity';
import { newId, send } from '../../lib/api';
import { session } from '../../lib/session.svelte';
import { store } from '../../lib/store.svelte';
import { nameOf, type Row } from '../../lib/telling';
import type { FiledView, RelayOutcome } from '../../lib/types';
import { t } from '../../lib/words.svelte';

/** So many are under way to the own node together. */
const AT_ONCE = 4;

export type Word = { outcome: RelayOutcome; means: string; at: number };
export type Failed = { row: Row; why: string };
type Wish = { path: string; body: object };

class Many {
  /** Names of the rows that are chosen. */
  readonly chosen = new SvelteSet<string>();
  running = $state(false);
  /** How many were begun with, and how many of them are recorded. */
  total = $state(0);
  done = $state(0);
  failed = $state.raw<Failed[]>([]);
  #stopped = false;
  /** What was asked for of a row and never answered: asked again it is the same wish. */
  #open = new Map<string, { word: string; wish: Wish }>();

  /** Record the same of each of them. */
  async tell(rows: Row[], word: Word): Promise<void> {
    if (this.running) return;
    [this.running, this.#stopped, this.total, this.done, this.failed] = [true, false, rows.length, 0, []];
    const waiting = [...rows];
    const person = session.now?.person;
    const worker = async (): Promise<void> => {
      for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
        if (this.#stopped || session.now?.person !== person) this.#fails(row, t('third.many-stopped'));
        else await this.#one(row, word);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    this.running = false;
    store.refresh([...new Set(rows.map((row) => row.notice.line))]);
  }

  /** Nothing more is begun. */
  stop(): void {
    this.#stopped = true;
  }

  /** What came of it has been read. */
  read(): void {
    [this.total, this.done, this.failed] = [0, 0, []];
  }

  async #one(row: Row, word: Word): Promise<void> {
    const { path, body } = this.#wish(row, word);
    const answer = await send<FiledView>('POST', path, body);
    if (answer.ok) {
      this.done += 1;
      this.chosen.delete(nameOf(row));
      this.#open.delete(nameOf(row));
    } else if (answer.problem.code === 'unreachable') {
      // Whoever cannot reach the node for one does not for a thousand.
      this.stop();
      this.#fails(row, t('third.many-unreached'));
    } else {
      this.#open.delete(nameOf(row));
      this.#fails(row, answer.problem.detail);
    }
  }

  #wish(row: Row, { outcome, means, at }: Word): Wish {
    const said = `${outcome} ${means}`;
    const held = this.#open.get(nameOf(row));
    if (held?.word === said) return held.wish;
    const body = { of: row.notice.ref, to: row.third.party, outcome, means, at };
    const wish = { path: `/v1/lines/${row.notice.line}/relayed`, body: { body, id: newId() } };
    this.#open.set(nameOf(row), { word: said, wish });
    return wish;
  }

  #fails(row: Row, why: string): void {
    this.failed = [...this.failed, { row, why }];
  }
}

export const many = new Many();
