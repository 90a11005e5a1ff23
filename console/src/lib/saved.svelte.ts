// What the node keeps for a person: saved views, and those of the choices that are his wherever he
// signs in. What belongs to the computer (loudness, desk, wall, low power) stays on the computer.
import { call, type Failure } from './api';
import { settings, type Choices } from './settings.svelte';
import type { Saved, SavedView } from './types';
import { address } from './url.svelte';

const PERSONAL = ['theme', 'lang', 'heights', 'speeds', 'lengths', 'places', 'places2', 'letters'] as const;
/** Of an address, what is not a view of his own making: it opens a dialog, or says the language. */
const NO_VIEW = ['lang', 'new'];

class Kept {
  views = $state.raw<readonly SavedView[]>([]);
  /** Why the node did not keep the last change; empty: it did. */
  trouble = $state('');
  #turn: Promise<void> = Promise.resolve();

  /** Somebody signed in here: what the node keeps for him holds, unless the address says a language. */
  async load(): Promise<void> {
    const answer = await call('GET /v1/console/views');
    if (!answer.ok) return;
    this.views = answer.value.views ?? [];
    const kept: Record<string, string> = { ...answer.value.settings };
    if (address.get('lang') !== null) delete kept.lang;
    settings.take(kept);
  }

  forget(): void {
    this.views = [];
    this.trouble = '';
  }

  /** Change some choices, at once here; then the node keeps them too. */
  choose(changes: Partial<Choices>): void {
    settings.set(changes);
    if (PERSONAL.some((name) => name in changes)) void this.#keep((views) => views);
  }

  /** Save what the address says now; a view of the same name is replaced. */
  save(name: string): Promise<void> {
    const query = new URLSearchParams(address.text());
    for (const each of [...NO_VIEW, ...(query.get('work') === 'settings' ? ['work'] : [])]) query.delete(each);
    const view = { name, query: query.toString() };
    return this.#keep((views) => [...views.filter((each) => each.name !== name), view]);
  }

  remove(name: string): Promise<void> {
    return this.#keep((views) => views.filter((each) => each.name !== name));
  }

  /** One after the other, each on top of what the node has: another page of his may have saved too. */
  #keep(change: (views: readonly SavedView[]) => readonly SavedView[]): Promise<void> {
    this.#turn = this.#turn.then(() => this.#put(change));
    return this.#turn;
  }

  async #put(change: (views: readonly SavedView[]) => readonly SavedView[]): Promise<void> {
    const held = await call('GET /v1/console/views');
    if (!held.ok) return this.#failed(held.problem);
    const mine: Saved = {
      views: [...change(held.value.views ?? [])],
      settings: { ...held.value.settings, ...Object.fromEntries(PERSONAL.map((name) => [name, String(settings.now[name])])) },
    };
    const answer = await call('PUT /v1/console/views', { body: mine });
    if (!answer.ok) return this.#failed(answer.problem);
    this.views = answer.value.views ?? [];
    this.trouble = '';
  }

  #failed(problem: Failure): void {
    this.trouble = problem.detail === '' ? problem.title : problem.detail;
  }
}

export const kept = new Kept();
