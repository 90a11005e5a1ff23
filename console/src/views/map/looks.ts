// How things look: a class of activity is told by its hatch, its outline and its mark, so that no
// meaning rests on colour; what is not in force at the time shown is grey and hollow.
import type { Effect } from '../../lib/types';

export type Colour = (name: string) => string;
export type Stage = 'active' | 'later' | 'tail' | 'past';
export type Sort = Effect | 'unknown';

export const COLOURS: Record<Sort, string> = {
  hazard: '--hazard',
  'keep-clear': '--keep-clear',
  movement: '--movement',
  unknown: '--unknown',
};
export const DASHES: Record<Sort, number[]> = {
  hazard: [],
  'keep-clear': [10, 4],
  movement: [2, 3],
  unknown: [10, 3, 2, 3],
};
/** Of what is an exercise, whatever its sort. */
export const DRILL_COLOUR = '--exercise';
export const DRILL_DASH = [14, 3, 2, 3, 2, 3];
const CELL = 12;
/** An exercise's hatch has a larger one, with a diamond in its middle: it is told by that alone. */
const DRILL_CELL = 2 * CELL;

/** The colours of the theme that is on, read once per theme. */
export function palette(): Colour {
  const style = getComputedStyle(document.documentElement);
  const held = new Map<string, string>();
  return (name) => {
    let found = held.get(name);
    if (found === undefined) {
      found = style.getPropertyValue(name).trim();
      held.set(name, found);
    }
    return found;
  };
}

/** Hatches by sort, colour and the screen's pixels; anchored to the ground by `anchor`. */
export class Hatches {
  readonly #held = new Map<string, CanvasPattern>();
  #shift = new DOMMatrix();
  #ratio = 1;

  anchor(x: number, y: number, ratio: number): void {
    const cut = (n: number): number => ((n % DRILL_CELL) + DRILL_CELL) % DRILL_CELL;
    if (ratio !== this.#ratio) this.#held.clear();
    this.#ratio = ratio;
    this.#shift = new DOMMatrix([1 / ratio, 0, 0, 1 / ratio, cut(x), cut(y)]);
  }

  get(sort: Sort | 'cross', colour: string, drill = false): CanvasPattern | string {
    const key = `${sort} ${colour} ${drill}`;
    let found = this.#held.get(key);
    if (found === undefined) {
      const made = hatch(sort, colour, this.#ratio, drill);
      if (made === null) return colour;
      found = made;
      this.#held.set(key, found);
    }
    found.setTransform(this.#shift);
    return found;
  }
}

function hatch(sort: Sort | 'cross', colour: string, ratio: number, drill: boolean): CanvasPattern | null {
  const canvas = document.createElement('canvas');
  const cell = drill ? DRILL_CELL : CELL;
  canvas.width = canvas.height = Math.round(cell * ratio);
  const on = canvas.getContext('2d');
  if (on === null) return null;
  on.scale(canvas.width / cell, canvas.width / cell);
  on.strokeStyle = on.fillStyle = colour;
  on.globalAlpha = 0.14;
  on.fillRect(0, 0, cell, cell);
  if (drill) {
    on.globalAlpha = 0.9;
    diamond(on, cell / 2, cell / 2, 6);
    on.fill();
  }
  on.globalAlpha = 0.75;
  on.lineWidth = 1.3;
  on.beginPath();
  const slope = (up: boolean): void => {
    for (const n of [-CELL, 0, CELL]) {
      on.moveTo(n - 2, up ? CELL + 2 : -2);
      on.lineTo(n + CELL + 2, up ? -2 : CELL + 2);
    }
  };
  if (sort === 'hazard') slope(true);
  else if (sort === 'keep-clear') {
    on.arc(CELL / 2, CELL / 2, 1.5, 0, 7);
    on.fill();
    on.beginPath();
  } else if (sort === 'movement') {
    on.moveTo(0, CELL / 2);
    on.lineTo(CELL, CELL / 2);
  } else {
    slope(true);
    slope(false);
  }
  on.stroke();
  return on.createPattern(canvas, 'repeat');
}

function diamond(on: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  on.beginPath();
  on.moveTo(x + size, y);
  on.lineTo(x, y + size);
  on.lineTo(x - size, y);
  on.lineTo(x, y - size);
  on.closePath();
}

/** The mark of a sort in the middle of a shape or of a cluster: triangle, ring, arrow, question. */
export function mark(on: CanvasRenderingContext2D, sort: Sort, x: number, y: number, size: number): void {
  on.beginPath();
  if (sort === 'hazard') {
    on.moveTo(x, y - size);
    on.lineTo(x + size, y + size * 0.8);
    on.lineTo(x - size, y + size * 0.8);
    on.closePath();
  } else if (sort === 'keep-clear') {
    on.arc(x, y, size * 0.9, 0, 7);
  } else if (sort === 'movement') diamond(on, x, y, size);
  else on.rect(x - size * 0.85, y - size * 0.85, size * 1.7, size * 1.7);
}
