// Keys: one table that the page obeys and that the sheet (?) and the palette (Ctrl-K) read.

export type Binding = {
  /** As `KeyboardEvent.key` has it, small: 'a', '?', 'escape'; with `ctrl+`, `alt+`, `shift+`
   * (of letters and named keys: `shift+a`). */
  key: string;
  /** Id of the words that say what it does. */
  words: string;
  run: () => void;
  /** Whether it does anything now; without it, always. */
  when?: () => boolean;
  /** Acts in an open dialog too: the emergencies, and what closes it. */
  inDialogs?: boolean;
};

const table = new Map<string, Binding[]>();

/** Add bindings; gives what takes them away again. Of two that act now the later one wins. */
export function bind(...bindings: Binding[]): () => void {
  for (const each of bindings) table.set(each.key, [...(table.get(each.key) ?? []), each]);
  return () => {
    for (const each of bindings) {
      table.set(each.key, (table.get(each.key) ?? []).filter((held) => held !== each));
    }
  };
}

/** All bindings, for the sheet. */
export function bindings(): Binding[] {
  return [...table.values()].flat();
}

const NAMES: Partial<Record<string, string>> = {
  escape: 'Esc', arrowdown: '↓', arrowup: '↑', arrowleft: '←', arrowright: '→', enter: 'Enter',
};

/** A binding's key as it stands on a keyboard: `Shift a`, `Ctrl k`, `Esc`. */
export function shown(key: string): string {
  return key
    .split('+')
    .map((part) => NAMES[part] ?? (part.length > 1 ? part[0]?.toUpperCase() + part.slice(1) : part))
    .join(' ');
}

function writes(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input, textarea, select');
}

/** The letter on the key for those whose keyboard writes no Latin; else what was typed. */
function letterOf(event: KeyboardEvent): string {
  const typed = event.key.toLowerCase();
  if (typed.length !== 1 || typed < '\u0080') return typed;
  return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : typed;
}

/** Listen; `letters` says whether single letters act. */
export function listen(letters: () => boolean): () => void {
  const heard = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
    const key = letterOf(event);
    if (plain && writes(event.target) && key !== 'escape') return;
    if (plain && key.length === 1 && !letters()) return;
    const named = `${event.ctrlKey || event.metaKey ? 'ctrl+' : ''}${event.altKey ? 'alt+' : ''}${
      event.shiftKey && (key.length > 1 || /[a-z]/.test(key)) ? 'shift+' : ''
    }${key}`;
    const inDialog = event.target instanceof HTMLElement && event.target.closest('dialog') !== null;
    const found = (table.get(named) ?? [])
      .filter((each) => (!inDialog || each.inDialogs === true) && (each.when?.() ?? true))
      .at(-1);
    if (found === undefined || (event.repeat && key.length === 1)) return;
    event.preventDefault();
    found.run();
  };
  addEventListener('keydown', heard);
  return () => removeEventListener('keydown', heard);
}
