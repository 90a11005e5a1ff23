// The notice that is being written: kept in this tab until it is sent or thrown away. What it lacks
// is said by name; nothing is filled in that nobody has typed.
import type { Footprint } from '../../lib/footprint';
import { height, instant, typedHeight, type TypedHeight } from '../../lib/typed';
import { clock, zFull } from '../../lib/time.svelte';
import type { EntryRef, FreeText, Height, LatLon, LineId, Notice, NoticeView, UndrawnView, Volume } from '../../lib/types';
import { mapAsk } from '../map/pen.svelte';

const KEY = 'clearline.draft';
const KEPT = 'clearline.templates';
const NONE: TypedHeight = { ref: '', value: '', unit: '' };

/** Limits of one place alone: where the places of a notice differ, none is given another's. */
export type Own = { lower?: Height; upper?: Height; start?: number; end?: number };
/** What a notice says beside its fields: no field changes it, and a new version says it again. */
export type Rest = { operation: string | null; marks: string[]; remark: FreeText | null; key: string | null };

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
  /** One for each shape, in their order; none: all of them have the limits of the fields. */
  own: Own[];
  rest: Rest;
  /** What was pasted and could not be drawn, until somebody has drawn or removed it. */
  undrawn: UndrawnView[];
  /** The draft as it was sent without reaching the node: it waits among the unsent, not to be sent twice. */
  waits: string;
  /** The version that this one is to follow; null: a new notice. */
  amends: EntryRef | null;
};

const empty = (line: LineId): Typed => ({
  line, cls: '', label: '', lower: NONE, upper: NONE, start: '', end: '', reason: '', shapes: [], own: [],
  rest: { operation: null, marks: [], remark: null, key: null }, undrawn: [], waits: '', amends: null,
});

const differ = (all: Height[]): boolean => all.some((each) => each.ref !== all[0]?.ref || (each.mm ?? null) !== (all[0]?.mm ?? null));

class Draft {
  now = $state<Typed>(this.#kept());
  /** The version that is amended, as it stood when the draft was begun. */
  old = $state.raw<NoticeView | null>(null);

  readonly start = $derived(instant(this.now.start, clock.now));
  readonly end = $derived(instant(this.now.end, this.start ?? clock.now));
  readonly lower = $derived(height(this.now.lower, false));
  readonly upper = $derived(height(this.now.upper, true));

  /** Names of what is missing or cannot be read, as ids of words. */
  readonly lacking = $derived.by((): string[] => [
    ...(this.now.cls === '' ? ['cls'] : []),
    ...(this.now.label.trim() === '' ? ['label'] : []),
    ...(this.now.shapes.length === 0 ? ['shape'] : []),
    ...(this.wants('lower') && this.lower === null ? ['lower'] : []),
    ...(this.wants('upper') && this.upper === null ? ['upper'] : []),
    ...(this.wants('start') && this.start === null ? ['start'] : []),
    ...(this.wants('end') && (this.end === null || (this.start !== null && this.end <= this.start)) ? ['end'] : []),
  ]);

  /** Its volumes as they would be filed; null while a limit is missing. */
  readonly volumes = $derived.by((): Volume[] | null => {
    const made: Volume[] = [];
    for (const [n, footprint] of this.now.shapes.entries()) {
      const own = this.now.own[n];
      const [lower, upper] = [own?.lower ?? this.lower, own?.upper ?? this.upper];
      const [start, end] = [own?.start ?? this.start, own?.end ?? this.end];
      if (lower === null || upper === null || start === null || end === null) return null;
      made.push({ footprint, lower, upper, start, end });
    }
    return made;
  });

  /** The notice as it would be filed; null while something is missing. */
  readonly notice = $derived.by((): Notice | null => {
    const { volumes } = this;
    if (this.lacking.length > 0 || volumes === null) return null;
    const reason = this.now.reason.trim();
    return {
      cls: this.now.cls, label: this.now.label.trim(), volumes, ...this.now.rest, ...(reason === '' ? {} : { reason }),
    };
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

  /** Whether a field is for any place at all: not where each has its own. */
  wants(name: keyof Own): boolean {
    const { shapes, own } = this.now;
    return shapes.length === 0 || shapes.some((_, n) => own[n]?.[name] === undefined);
  }

  /** The places' own limits are given up: from here on the fields say them for all. */
  oneForAll(...names: (keyof Own)[]): void {
    this.set({ own: this.now.own.map((each) => Object.fromEntries(Object.entries(each).filter(([name]) => !names.includes(name as keyof Own)))) });
  }

  /** A start that was typed as minutes from now stands still from here on. */
  settle(): void {
    if (this.now.start.trim().startsWith('+') && this.start !== null) this.set({ start: zFull(this.start) });
  }

  clear(line: LineId): void {
    this.now = empty(line);
    this.old = null;
  }

  add(...shapes: Footprint[]): void {
    this.set({ shapes: [...this.now.shapes, ...shapes] });
  }

  remove(n: number): void {
    const { shapes, own } = this.now;
    this.set({ shapes: shapes.filter((_, at) => at !== n), own: own.filter((_, at) => at !== n) });
  }

  /** Begin with an earlier notice: `amend` follows it, else it is a new one like it, without times. */
  from(notice: NoticeView & { line: LineId }, amend: boolean): void {
    const { volumes } = notice;
    const [first] = volumes;
    const heights = differ(volumes.map((each) => each.lower)) || differ(volumes.map((each) => each.upper));
    const times = amend && volumes.some((each) => each.start !== first?.start || each.end !== first.end);
    this.old = amend ? notice : null;
    this.now = {
      ...empty(notice.line), cls: notice.cls, label: notice.label, reason: notice.reason ?? '',
      lower: first === undefined || heights ? NONE : typedHeight(first.lower),
      upper: first === undefined || heights ? NONE : typedHeight(first.upper),
      start: amend && first !== undefined && !times ? zFull(first.start) : '',
      end: amend && first !== undefined && !times ? zFull(first.end) : '',
      shapes: volumes.map((volume) => volume.footprint),
      own: volumes.map(({ lower, upper, start, end }): Own => ({
        ...(heights ? { lower, upper } : {}), ...(times ? { start, end } : {}),
      })),
      rest: {
        operation: amend ? notice.operation : null, marks: notice.marks, remark: notice.remark, key: amend ? notice.key : null,
      },
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
    const { own, rest } = this.now;
    const timeless = own.map(({ lower, upper }): Own => ({ ...(lower && { lower }), ...(upper && { upper }) }));
    const kept = {
      ...this.templates(),
      [name]: {
        ...this.now, start: '', end: '', own: timeless, rest: { ...rest, operation: null, key: null }, waits: '', amends: null,
      },
    };
    try {
      localStorage.setItem(KEPT, JSON.stringify(kept));
    } catch {
      // A browser that keeps nothing has no templates.
    }
  }

  /** Begin with a template; what an older page has not kept in it is empty. */
  use(name: string): void {
    const found = this.templates()[name];
    if (found === undefined) return;
    this.old = null;
    this.now = { ...empty(this.now.line), ...found, line: this.now.line };
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
