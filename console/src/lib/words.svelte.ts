// Every word of the page comes from the node, in the language that the reader chose. A language that
// nobody has reviewed says so, and shows the English beside it.
import { call, speak } from './api';
import type { WordsView } from './types';

type Sections = Partial<Record<string, Partial<Record<string, string>>>>;

const ISOLATE = String.fromCharCode(0x2066);
const ISOLATE_END = String.fromCharCode(0x2069);
/** What must not be turned round by right-to-left text about it: digits, positions, call signs. */
const LTR = /^[\u0000-\u007f\u00b0\u2032\u2033\u2212]*$/;

class Words {
  view = $state.raw<WordsView | null>(null);
  failed = $state(false);

  get direction(): 'ltr' | 'rtl' {
    return this.view?.direction === 'rtl' ? 'rtl' : 'ltr';
  }

  get lang(): string {
    return this.view?.language ?? 'en';
  }

  /** Read a language; the page shows it once it is there. */
  async read(lang: string): Promise<boolean> {
    const answer = await call('GET /v1/words/{lang}', { path: { lang } });
    this.failed = !answer.ok;
    if (!answer.ok) return false;
    this.view = answer.value;
    speak(answer.value.language);
    document.documentElement.lang = answer.value.language;
    document.documentElement.dir = this.direction;
    return true;
  }
}

export const words = new Words();

/** The words of an id such as `shell.stale`, their blanks filled. An id that nobody has written is
 * shown as it is: better a name than nothing. */
export function t(id: string, blanks: Record<string, string | number> = {}): string {
  const dot = id.indexOf('.');
  const sections: Sections = words.view?.console ?? {};
  const text = sections[id.slice(0, dot)]?.[id.slice(dot + 1)];
  if (text === undefined) return id;
  return text.replace(/\{(\w+)(?:\|[^}]*)?\}/g, (whole, name: string) => {
    const value = blanks[name];
    return value === undefined ? whole : isolated(String(value));
  });
}

/** The id of a badge's words, wherever it stands: NOT TOLD is one thing in list, sheet and map. */
export function badgeWords(badge: string): string {
  return `alerts.badge-${badge.toLowerCase().replace(/[^a-z]+/g, '-')}`;
}

/** The name of a state, a severity or a precedence, as the line's own words have it. */
export function stated(name: string): string {
  const names: Partial<Record<string, string>> = words.view?.states ?? {};
  return names[name] ?? name;
}

/** What a verdict rests on, in words: how a height or an edge was read, or the datum that would
 * settle it. `FL:qnh-by-BRAVO` names who states it. One that is not known stays as it is. */
export function basis(token: string): string {
  const names: Partial<Record<string, string>> = words.view?.states ?? {};
  const at = token.indexOf('-by-');
  const form = names[at < 0 ? token : token.slice(0, at + 3)];
  return form === undefined ? token : form.replace('{party}', () => isolated(token.slice(at + 4)));
}

/** The English of the same id, to stand beside an unreviewed translation; null where none is due. */
export function beside(id: string): string | null {
  const dot = id.indexOf('.');
  const sections: Sections = words.view?.english ?? {};
  return sections[id.slice(0, dot)]?.[id.slice(dot + 1)] ?? null;
}

/** A number or place that keeps its order inside right-to-left text. */
export function isolated(text: string): string {
  return words.direction === 'rtl' && LTR.test(text) ? `${ISOLATE}${text}${ISOLATE_END}` : text;
}
