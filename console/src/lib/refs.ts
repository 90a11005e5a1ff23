// Entries by their place, as people and URLs write them: ISR.0/12.
import type { EntryRef, LineId, PartyId } from './types';

export function refText(ref: EntryRef): string {
  return `${ref[0]}/${ref[1]}`;
}

export function parseRef(text: string): EntryRef | null {
  const found = /^([A-Z0-9-]+\.\d+)\/(\d{1,12})$/.exec(text);
  return found === null ? null : [found[1] ?? '', Number(found[2])];
}

export function sameRef(a: EntryRef | null, b: EntryRef | null): boolean {
  return a !== null && b !== null && a[0] === b[0] && a[1] === b[1];
}

/** Whose record an entry stands in. */
export function partyOf(ref: EntryRef): PartyId {
  return ref[0].slice(0, ref[0].lastIndexOf('.'));
}

/** The name of an entry, or of a pair, in this page: the text, and behind an @ the line, where there is
 * more than one. Two lines of the same parties number their entries alike. */
export function splitName(name: string): [text: string, line: LineId] {
  const at = name.lastIndexOf('@');
  return at < 0 ? [name, ''] : [name.slice(0, at), name.slice(at + 1)];
}

/** A pair has one name, whichever way round. */
export function pairText(a: EntryRef, b: EntryRef): string {
  return [refText(a), refText(b)].sort().join('+');
}
