// Choices of this person on this computer: none of it is said on a line. The node keeps a copy
// where it can (view "settings"); this one works while it cannot.

export type Theme = 'day' | 'night' | 'red';
export type Heights = 'ft' | 'm';
export type Speeds = 'kt' | 'kmh';
export type Lengths = 'nm' | 'km';
export type Places = 'ddm' | 'dms' | 'dec' | 'mgrs';

export type Choices = {
  theme: Theme;
  lang: string;
  heights: Heights;
  speeds: Speeds;
  lengths: Lengths;
  places: Places;
  places2: Places;
  /** Single letters act; off for those who press keys by accident (WCAG 2.1.4). */
  letters: boolean;
  /** Large type, no lists: for the wall. */
  wall: boolean;
  lowPower: boolean;
  desk: string;
  volume: number;
};

const USUAL: Choices = {
  theme: 'day',
  lang: 'en',
  heights: 'ft',
  speeds: 'kt',
  lengths: 'nm',
  places: 'ddm',
  places2: 'mgrs',
  letters: true,
  wall: false,
  lowPower: false,
  desk: 'console',
  volume: 0.6,
};
const KEY = 'clearline.choices';
/** What each choice may be; what is kept elsewhere may have been written by another version. */
const MAY: Partial<Record<keyof Choices, readonly string[]>> = {
  theme: ['day', 'night', 'red'],
  heights: ['ft', 'm'],
  speeds: ['kt', 'kmh'],
  lengths: ['nm', 'km'],
  places: ['ddm', 'dms', 'dec', 'mgrs'],
  places2: ['ddm', 'dms', 'dec', 'mgrs'],
};

function known(name: string, value: unknown): boolean {
  return MAY[name as keyof Choices]?.includes(String(value)) ?? true;
}

function kept(): Choices {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof found !== 'object' || found === null) return USUAL;
    const next: Record<string, unknown> = { ...USUAL };
    for (const [name, value] of Object.entries(found)) {
      if (name in next && typeof value === typeof next[name] && known(name, value)) next[name] = value;
    }
    return next as Choices;
  } catch {
    return USUAL;
  }
}

class Settings {
  now = $state<Choices>(kept());

  /** Take over choices as the node keeps them, as texts; what is not understood is left. */
  take(texts: Record<string, string>): void {
    const next: Record<string, unknown> = {};
    for (const [name, text] of Object.entries(texts)) {
      if (!(name in this.now) || !known(name, text)) continue;
      const held = this.now[name as keyof Choices];
      if (typeof held === 'boolean') next[name] = text === 'true';
      else if (typeof held === 'string') next[name] = text;
    }
    this.set(next as Partial<Choices>);
  }

  /** Change some; what is shown follows at once. */
  set(changes: Partial<Choices>): void {
    this.now = { ...this.now, ...changes };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.now));
    } catch {
      // A browser that keeps nothing: the choice holds until the page is closed.
    }
  }
}

export const settings = new Settings();
