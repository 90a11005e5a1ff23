// A message as its reader will see it, in one language: the same ids and numbers, other words.
import type { WordsView } from '../../lib/types';

/** A blank as it is shown: digits, Z times and places are the same in every language. */
export type Shown = { text: string; number?: number };

/** The first form whose blanks are all filled, filled; else the last, with what is to be written where
 * nothing is yet. */
export function preview(of: WordsView, template: string, given: Record<string, Shown>): string {
  const words = of.templates[template];
  if (words === undefined) return template;
  const full = words.says.find((form) => names(form).every((name) => given[name] !== undefined));
  const form = full ?? words.says.at(-1) ?? '';
  return `${fill(of, form, given)} ${fill(of, words.asks, given)}`.trim();
}

/** What a template says, for who chooses one: its sentence with nothing written yet. */
export function outline(of: WordsView, template: string): string {
  return fill(of, of.templates[template]?.says.at(-1) ?? '', {});
}

/** What is to be written in a blank, in the language of the sentence: a mark, then the name. */
function hole(of: WordsView, name: string): string {
  const names: Partial<Record<string, string>> = of.console.messages ?? {};
  return `[${names[`blank-${name}`] ?? name}]`;
}

const BLANK = /\{(\w+)(?:\|([^}]*))?\}/g;

function names(form: string): string[] {
  return [...form.matchAll(BLANK)].map((found) => found[1] ?? '');
}

function fill(of: WordsView, form: string, given: Record<string, Shown>): string {
  return form.replace(BLANK, (_, name: string, way: string | undefined) => {
    const value = given[name];
    if (value === undefined) return hole(of, name);
    const noun = way?.startsWith('count:') ? way.slice(6) : undefined;
    const text =
      noun !== undefined && value.number !== undefined
        ? counted(of, noun, value.number)
        : (of.choices[value.text] ?? value.text);
    return of.direction === 'rtl' ? `\u2068${text}\u2069` : text;
  });
}

function counted(of: WordsView, noun: string, n: number): string {
  const forms = of.plurals[noun];
  const rule = new Intl.PluralRules(of.language).select(n);
  return (forms?.[rule] ?? forms?.other ?? '{n}').replace(/\{n\}/g, String(n));
}
