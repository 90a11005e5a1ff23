// Notices as bars over time: their windows, what stays dangerous after them, in as few rows as fit.
import { store, type On } from '../../lib/store.svelte';
import type { NoticeView } from '../../lib/types';

export type Mark = {
  id: string;
  label: string;
  sort: string;
  start: number;
  end: number;
  /** Until when it may still be dangerous; its end where that is the end. */
  tail: number;
  /** Nobody has confirmed its end: it is not over by the clock alone. */
  open: boolean;
  warns: boolean;
  /** Of an exercise. */
  drill: boolean;
  row: number;
};

const GONE = new Set(['WITHDRAWN', 'ALL-CLEAR']);
/** Bars of a row do not touch, and what is short can still be seen and hit. */
const GAP_PX = 3;
export const LEAST_PX = 6;

/** Bars within a window, by row; what has no room is counted. */
export function marks(
  notices: On<NoticeView>[], [from, until]: [number, number], width: number, rows: number,
): { shown: Mark[]; more: number } {
  const perMs = width / (until - from);
  const found = notices
    .flatMap((notice) => markOf(notice, until))
    .filter((mark) => mark.tail > from && mark.start < until)
    .sort((a, b) => Number(a.drill) - Number(b.drill) || Number(b.warns) - Number(a.warns) || a.start - b.start);
  const shown: Mark[] = [];
  const taken: [left: number, right: number][][] = Array.from({ length: rows }, () => []);
  for (const mark of found) {
    const left = (Math.max(from, mark.start) - from) * perMs;
    const right = Math.max(left + LEAST_PX, (Math.min(until, mark.tail) - from) * perMs) + GAP_PX;
    const row = taken.findIndex((held) => held.every(([l, r]) => right <= l || left >= r));
    if (row < 0) continue;
    taken[row]?.push([left, right]);
    shown.push({ ...mark, row });
  }
  return { shown, more: found.length - shown.length };
}

function markOf(notice: On<NoticeView>, until: number): Mark[] {
  if (notice.start === null || notice.end === null || GONE.has(notice.phase)) return [];
  const open = notice.phase === 'ENDED-BY-TIME';
  const tail = Math.max(notice.end, notice.over ?? 0, open ? until : 0);
  return [{
    id: notice.uid, label: `${notice.party} ${notice.label}`, sort: notice.effect ?? 'unknown',
    start: notice.start, end: notice.end, tail, open, warns: notice.conflicts.length > 0,
    drill: store.isExercise(notice.line), row: 0,
  }];
}

/** Times at which the ruler is marked. */
export function ticks([from, until]: [number, number], step: number): number[] {
  const found: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= until; at += step) found.push(at);
  return found;
}
