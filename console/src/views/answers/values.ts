// What is typed into the dialogs, as the line has it: heights in millimetres, times in Z.
import { zDate } from '../../lib/time.svelte';
import { instant } from '../../lib/typed';
import type { Height, HeightRef } from '../../lib/types';
import { words } from '../../lib/words.svelte';

export type HeightUnit = 'FL' | 'ft' | 'm';
export type TypedHeight = { ref: HeightRef | ''; value: number | null; unit: HeightUnit };

const MM: Record<HeightUnit, number> = { FL: 30_480, ft: 304.8, m: 1000 };

/** The height that was typed; null: none, or its reference or number is missing. */
export function heightOf(typed: TypedHeight): Height | null {
  if (typed.ref === '') return null;
  if (typed.ref === 'SFC' || typed.ref === 'UNL') return { ref: typed.ref };
  if (typed.value === null || !Number.isFinite(typed.value)) return null;
  const unit = typed.ref === 'FL' ? 'FL' : typed.unit;
  return { ref: typed.ref, mm: Math.round(typed.value * MM[unit]) };
}

/** A remark in the language of the page; nothing for an empty one. */
export function remarkOf(text: string): { remark?: { lang: string; text: string } } {
  const said = text.trim();
  return said === '' ? {} : { remark: { lang: words.lang, text: said } };
}

/** The day, as typed, on which a clock as typed is nearest to now; today while none can be read. */
export function nearestDay(clockText: string, now: number): string {
  const [hour, minute] = /^(\d{2}):?(\d{2})/.exec(clockText.trim())?.slice(1) ?? [];
  return zDate((hour === undefined || minute === undefined ? null : instant(`${hour}${minute}Z`, now)) ?? now);
}

/** A time in Z: a day and a clock, both as typed. null: not read. */
export function timeOf(day: string, clockText: string): number | null {
  const date = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day.trim());
  const clock = /^(\d{2}):?(\d{2})(?::?(\d{2}))?\s*Z?$/i.exec(clockText.trim());
  if (date === null || clock === null) return null;
  if (Number(clock[1]) > 23 || Number(clock[2]) > 59 || Number(clock[3] ?? 0) > 59) return null;
  const at = Date.UTC(
    Number(date[1]), Number(date[2]) - 1, Number(date[3]), Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0),
  );
  return new Date(at).toISOString().startsWith(day.trim()) ? at : null;
}
