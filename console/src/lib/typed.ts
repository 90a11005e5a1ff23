// What a person types, as the node wants it; what cannot be read is null, never a guess.
import type { Height, HeightRef } from './types';

const DAY = 86_400_000;
const MINUTE = 60_000;
const MONTHS = 'JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC';

/** A time with its zone: 2026-11-22T18:41Z, 221841ZNOV26, 1841Z (the nearest), or +15 for minutes
 * after `from`. A time without a zone is no time, nor is 24:00. */
export function instant(text: string, from: number): number | null {
  const said = text.trim().toUpperCase();
  const ahead = /^\+(\d{1,5})$/.exec(said);
  if (ahead !== null) return Math.ceil(from / MINUTE + Number(ahead[1])) * MINUTE;
  const full = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?Z$/.exec(said);
  if (full !== null) {
    return utc(...(full.slice(1, 6).map(Number) as [number, number, number, number, number]), Number(full[6] ?? 0));
  }
  const group = /^(\d\d)(\d\d)(\d\d)Z ?([A-Z]{3}) ?(\d\d)$/.exec(said);
  if (group !== null) {
    const month = MONTHS.indexOf(group[4] ?? '?') / 3;
    if (!Number.isInteger(month) || month < 0) return null;
    return utc(2000 + Number(group[5]), month + 1, Number(group[1]), Number(group[2]), Number(group[3]), 0);
  }
  const short = /^(\d\d):?(\d\d)Z$/.exec(said);
  if (short === null || Number(short[1]) > 23 || Number(short[2]) > 59) return null;
  const today = Math.floor(from / DAY) * DAY + (Number(short[1]) * 60 + Number(short[2])) * MINUTE;
  if (today - from > DAY / 2) return today - DAY;
  return from - today > DAY / 2 ? today + DAY : today;
}

function utc(y: number, mo: number, d: number, h: number, mi: number, s: number): number | null {
  if (h > 23 || mi > 59 || s > 59) return null;
  const at = Date.UTC(y, mo - 1, d, h, mi, s);
  const back = new Date(at);
  return back.getUTCMonth() === mo - 1 && back.getUTCDate() === d ? at : null;
}

/** A height as it is typed: nothing is presumed, neither unit nor reference. */
export type TypedHeight = { ref: HeightRef | ''; value: string; unit: 'ft' | 'm' | '' };

/** In millimetres, rounded outwards: a lower limit down, an upper limit up. */
export function height(of: TypedHeight, upper: boolean): Height | null {
  if (of.ref === '') return null;
  if (of.ref === 'SFC' || of.ref === 'UNL') return { ref: of.ref };
  const said = of.value.trim().replace(',', '.');
  if (!/^-?\d{1,6}(\.\d{1,3})?$/.test(said)) return null;
  if (of.ref === 'FL') return /^\d{1,3}$/.test(said) ? { ref: 'FL', mm: Number(said) * 30_480 } : null;
  if (of.unit === '') return null;
  const mm = Number(said) * (of.unit === 'ft' ? 304.8 : 1000);
  return { ref: of.ref, mm: upper ? Math.ceil(mm - 1e-6) : Math.floor(mm + 1e-6) };
}

/** As it would be typed. */
export function typedHeight(of: Height): TypedHeight {
  if (of.mm === undefined || of.mm === null) return { ref: of.ref, value: '', unit: '' };
  if (of.ref === 'FL') return { ref: 'FL', value: String(Math.round(of.mm / 30_480)), unit: '' };
  const feet = of.mm / 304.8;
  if (Math.abs(feet - Math.round(feet)) < 0.01) return { ref: of.ref, value: String(Math.round(feet)), unit: 'ft' };
  return { ref: of.ref, value: String(of.mm / 1000), unit: 'm' };
}

/** Metres in millimetres; null where it is no length above nothing. */
export function lengthMm(text: string): number | null {
  const said = text.trim().toLowerCase().replace(',', '.');
  const found = /^(\d{1,7}(?:\.\d{1,3})?) ?(m|km|nm)$/.exec(said);
  if (found === null) return null;
  const mm = Math.round(Number(found[1]) * { m: 1000, km: 1e6, nm: 1_852_000 }[found[2] as 'm' | 'km' | 'nm']);
  return mm > 0 ? mm : null;
}
