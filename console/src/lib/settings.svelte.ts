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

function kept(): Choices {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof found !== 'object' || found === null) return USUAL;
    const next: Record<string, unknown> = { ...USUAL };
    for (const [name, value] of Object.entries(found)) {
      if (name in next && typeof value === typeof next[name]) next[name] = value;
    }
    return next as Choices;
  } catch {
    return USUAL;
  }
}

class Settings {
  now = $state<Choices>(kept());

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
