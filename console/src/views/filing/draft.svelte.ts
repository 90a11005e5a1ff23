// The notice that is being written: kept in this tab until it is sent or thrown away. What it lacks
// is said by name; nothing is filled in that nobody has typed.
import type { Footprint } from '../../lib/footprint';
import { height, instant, typedHeight, type TypedHeight } from '../../lib/typed';
import { clock, zFull } from '../../lib/time.svelte';
import type { EntryRef, LatLon, LineId, Notice, NoticeView, UndrawnView, Volume } from '../../lib/types';
import { mapAsk } from '../map/pen.svelte';

const KEY = 'clearline.draft';
const KEPT = 'clearline.templates';
const NONE: TypedHeight = { ref: '', value: '', unit: '' };

/** What is typed, as it stands in the fields. */
export type Typed = {
  line: LineId;
  cls: string;
  label: string;
  lower: TypedHeight;
  upper: TypedHeight;
  start: string;
  end: string;
  reason: string;
  shapes: Footprint[];
  /** The version that this one is to follow; null: a new notice. */
  amends: EntryRef | null;
};

const empty = (line: LineId): Typed => ({
  line, cls: '', label: '', lower: NONE, upper: NONE, start: '', end: '', reason: '', shapes: [], amends: null,
});

class Draft {
  now = $state<Typed>(this.#kept());
  /** The version that is amended, as it stood when the draft was begun. */
  old = $state.raw<NoticeView | null>(null);
  undrawn = $state.raw<UndrawnView[]>([]);

  readonly start = $derived(instant(this.now.start, clock.now));
  readonly end = $derived(instant(this.now.end, this.start ?? clock.now));
  readonly lower = $derived(height(this.now.lower, false));
  readonly upper = $derived(height(this.now.upper, true));

  /** Names of what is missing or cannot be read, as ids of words. */
  readonly lacking = $derived.by((): string[] => [
    ...(this.now.cls === '' ? ['cls'] : []),
    ...(this.now.label.trim() === '' ? ['label'] : []),
    ...(this.now.shapes.length === 0 ? ['shape'] : []),
    ...(this.lower === null ? ['lower'] : []),
    ...(this.upper === null ? ['upper'] : []),
    ...(this.start === null ? ['start'] : []),
    ...(this.end === null || (this.start !== null && this.end <= this.start) ? ['end'] : []),
  ]);

  /** The notice as it would be filed; null while something is missing. */
  readonly notice = $derived.by((): Notice | null => {
    const { lower, upper, start, end } = this;
    if (this.lacking.length > 0 || lower === null || upper === null || start === null || end === null) {
      return null;
    }
    const volumes = this.now.shapes.map((footprint): Volume => ({ footprint, lower, upper, start, end }));
    const reason = this.now.reason.trim();
    return { cls: this.now.cls, label: this.now.label.trim(), volumes, ...(reason === '' ? {} : { reason }) };
  });

  constructor() {
    // A tab that is closed by mistake, or a machine that dies, takes no draft with it.
    $effect.root(() => {
      $effect(() => {
        const text = JSON.stringify(this.now);
        try {
          sessionStorage.setItem(KEY, text);
        } catch {
          // Kept in memory alone.
        }
        mapAsk.repaint();
      });
    });
  }

  set(changes: Partial<Typed>): void {
    this.now = { ...this.now, ...changes };
  }

  /** A start that was typed as minutes from now stands still from here on. */
  settle(): void {
    if (this.now.start.trim().startsWith('+') && this.start !== null) this.set({ start: zFull(this.start) });
  }

  clear(line: LineId): void {
    this.now = empty(line);
    this.old = null;
    this.undrawn = [];
  }

  add(...shapes: Footprint[]): void {
    this.set({ shapes: [...this.now.shapes, ...shapes] });
  }

  remove(n: number): void {
    this.set({ shapes: this.now.shapes.filter((_, at) => at !== n) });
  }

  /** Begin with an earlier notice: `amend` follows it, else it is a new one like it, without times. */
  from(notice: NoticeView & { line: LineId }, amend: boolean): void {
    const first = notice.volumes[0];
    this.old = amend ? notice : null;
    this.undrawn = [];
    this.now = {
      line: notice.line, cls: notice.cls, label: notice.label,
      lower: first === undefined ? NONE : typedHeight(first.lower),
      upper: first === undefined ? NONE : typedHeight(first.upper),
      start: amend && first !== undefined ? zFull(first.start) : '',
      end: amend && first !== undefined ? zFull(first.end) : '',
      reason: notice.reason ?? '', shapes: notice.volumes.map((volume) => volume.footprint),
      amends: amend ? notice.ref : null,
    };
  }

  // -- templates, kept on this computer

  templates(): Record<string, Typed> {
    try {
      return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Record<string, Typed>;
    } catch {
      return {};
    }
  }

  keep(name: string): void {
    const kept = { ...this.templates(), [name]: { ...this.now, start: '', end: '', amends: null } };
    try {
      localStorage.setItem(KEPT, JSON.stringify(kept));
    } catch {
      // A browser that keeps nothing has no templates.
    }
  }

  #kept(): Typed {
    try {
      const found = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Typed | null;
      return found === null ? empty('') : { ...empty(''), ...found };
    } catch {
      return empty('');
    }
  }
}

export const draft = new Draft();

/** A place in ten-millionths of a degree. */
export function e7(lat: number, lon: number): LatLon {
  const turned = ((((lon + 180) % 360) + 360) % 360) - 180;
  return [Math.round(lat * 1e7), Math.round(turned * 1e7)];
}
