// Two parties' words of one area, period and measure, laid together.
import type { LineId, PartyId, Standing_ViewStandingView as AgreedArea } from '../../lib/types';
import type { LineBook } from '../../lib/store.svelte';

/** How it stands: in force, signed by both for later, the other's word missing, ours missing, of two
 * others, or over. */
export type How = 'force' | 'later' | 'waits' | 'asked' | 'theirs' | 'over';
export type Row = {
  /** By which it is selected: the same for as long as area, period and measure are. */
  id: string;
  line: LineId;
  me: PartyId;
  /** The words that there are, ours first. */
  said: [AgreedArea, ...AgreedArea[]];
  ours: AgreedArea | null;
  parties: [PartyId, PartyId];
  until: number;
  how: How;
};

const WEIGHT: How[] = ['asked', 'force', 'waits', 'later', 'theirs', 'over'];

/** One row for each area, period, measure and pair of parties: what waits for us first. */
export function rows(books: LineBook[], now: number): Row[] {
  return books
    .flatMap((book) => {
      const found = new Map<string, AgreedArea[]>();
      for (const each of book.areas ?? []) {
        const key = JSON.stringify([book.view.line, [each.by, each.with_party].sort(), each.measure, each.area]);
        found.set(key, [...(found.get(key) ?? []), each]);
      }
      return [...found].flatMap(([key, said]) => row(book, key, said, now) ?? []);
    })
    .sort((a, b) => WEIGHT.indexOf(a.how) - WEIGHT.indexOf(b.how) || a.until - b.until);
}

function row(book: LineBook, key: string, all: AgreedArea[], now: number): Row | null {
  const me = book.view.me;
  const [first, ...rest] = all.toSorted((a, b) => Number(b.by === me) - Number(a.by === me));
  if (first === undefined) return null;
  const until = Math.min(...all.map((each) => each.until));
  const ours = first.by === me ? first : null;
  return {
    id: shortOf(key), line: book.view.line, me, said: [first, ...rest], ours, until,
    parties: [first.by, first.with_party], how: howOf(first, ours !== null, first.with_party === me, until, now),
  };
}

function howOf(first: AgreedArea, ours: boolean, asked: boolean, until: number, now: number): How {
  if (until <= now || until <= first.area.start) return 'over';
  if (first.signed_by_both) return first.area.start <= now ? 'force' : 'later';
  return ours ? 'waits' : asked ? 'asked' : 'theirs';
}

/** A short name of a text; of a hundred thousand texts no two have the same. */
function shortOf(text: string): string {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let n = 0; n < text.length; n++) {
    const code = text.charCodeAt(n);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  return [a, b].map((each) => (each >>> 0).toString(36)).join('-');
}
