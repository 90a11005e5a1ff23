// The whole state of the view stands in the address: who sends it on sends what he sees.
// Only what differs from the usual is written. `history` gets a step for a choice of a person's,
// none for what slides (map, time).

class Address {
  #params = $state.raw(new URLSearchParams(location.search));
  #timer = 0;

  constructor() {
    addEventListener('popstate', () => {
      this.#params = new URLSearchParams(location.search);
    });
  }

  get(name: string): string | null {
    return this.#params.get(name);
  }

  /** Set or take away (null). `step`: whether the way back leads here. */
  set(changes: Record<string, string | null>, step = true): void {
    const next = new URLSearchParams(this.#params);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === '') next.delete(name);
      else next.set(name, value);
    }
    if (next.toString() === this.#params.toString()) return;
    this.#params = next;
    if (step) this.#write(true);
    else {
      // Browsers refuse more than a few hundred of these a minute.
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#write(false), 300) as unknown as number;
    }
  }

  /** Everything, for a saved view. */
  text(): string {
    return this.#params.toString();
  }

  /** Go to a saved view. */
  restore(text: string): void {
    this.#params = new URLSearchParams(text);
    this.#write(true);
  }

  #write(step: boolean): void {
    clearTimeout(this.#timer);
    const tail = this.#params.toString();
    const to = `${location.pathname}${tail === '' ? '' : `?${tail}`}${location.hash}`;
    if (step) history.pushState(null, '', to);
    else history.replaceState(null, '', to);
  }
}

export const address = new Address();

/** What is selected: a kind and an id, one at a time, in list, map and detail alike. */
export type Selection = { kind: string; id: string };

export function selection(): Selection | null {
  return readSelection(address.get('sel'));
}

/** Of the text alone: whoever keeps the text sees that it is the same when the address changes. */
export function readSelection(text: string | null): Selection | null {
  if (text === null) return null;
  const at = text.indexOf(':');
  return at < 1 ? null : { kind: text.slice(0, at), id: text.slice(at + 1) };
}

/** How often something was chosen: choosing the same again brings it to the front again. */
class Chosen {
  times = $state(0);
}
export const chosen = new Chosen();

export function select(kind: string | null, id = ''): void {
  if (kind !== null) chosen.times += 1;
  address.set({ sel: kind === null ? null : `${kind}:${id}` });
}
