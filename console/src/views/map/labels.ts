// Labels that do not lie upon each other: those that weigh more are placed first, what finds no room
// is left out, and what weighs most (selected, in conflict) always stands.
import type { Colour } from './looks';

const LINE = 14;
const CELL = 32;
const ALWAYS = 3;

type Label = { x: number; y: number; lines: string[]; hue: string; weight: number; left: boolean };

export class Labels {
  #asked: Label[] = [];
  /** Names of places that found room in the last frame. */
  names = 0;
  readonly #widths = new Map<string, number>();

  /** Ask for a label about a point, or with `left` beside it. */
  put(x: number, y: number, lines: string[], hue: string, weight: number, left = false): void {
    this.#asked.push({ x, y, lines, hue, weight, left });
  }

  /** Place and write them; the next frame begins empty. */
  paint(on: CanvasRenderingContext2D, width: number, height: number, colour: Colour): number {
    const taken = new Set<number>();
    const across = Math.ceil(width / CELL) + 2;
    on.font = '12px Console, sans-serif';
    on.textBaseline = 'top';
    on.textAlign = 'left';
    on.lineJoin = 'round';
    let written = 0;
    this.names = 0;
    for (const each of this.#asked.sort((a, b) => b.weight - a.weight)) {
      const w = Math.max(...each.lines.map((line) => this.#width(on, line))) + 6;
      const h = each.lines.length * LINE + 2;
      const spots = this.#spots(each, w, h);
      const free = spots.find(([x, y]) => !this.#cells(x, y, w, h, across).some((cell) => taken.has(cell)));
      const [x, y] = free ?? spots[0] ?? [each.x, each.y];
      if (x > width || y > height || x + w < 0 || y + h < 0) continue;
      if (free === undefined && each.weight < ALWAYS) continue;
      for (const cell of this.#cells(x, y, w, h, across)) taken.add(cell);
      if (each.weight < 0) {
        name(on, each, [x, y], colour('--land'));
        this.names += 1;
        continue;
      }
      on.fillStyle = colour('--label-back');
      on.fillRect(x, y, w, h);
      on.fillStyle = each.hue;
      each.lines.forEach((line, n) => on.fillText(line, x + 3, y + 1 + n * LINE));
      written += 1;
    }
    this.#asked = [];
    if (this.#widths.size > 20_000) this.#widths.clear();
    return written;
  }

  /** Where it may stand: as asked; what must be read tries above and beside, too. */
  #spots(of: Label, w: number, h: number): [number, number][] {
    const asked: [number, number] = of.left ? [of.x, of.y] : [of.x - w / 2, of.y - h / 2];
    // A name stands above or below its place.
    if (of.weight < 0) return [[asked[0], of.y - h - 4], [asked[0], of.y + 4]];
    if (of.weight < 2) return [asked];
    const [x, y] = asked;
    return [asked, [x, y - h - 44], [x + w * 0.75, y - h], [x - w * 0.75, y - h], [x, y + h + 6]];
  }

  #cells(x: number, y: number, w: number, h: number, across: number): number[] {
    const found: number[] = [];
    for (let cy = Math.floor(y / CELL); cy <= Math.floor((y + h) / CELL); cy++) {
      for (let cx = Math.floor(x / CELL); cx <= Math.floor((x + w) / CELL); cx++) found.push(cy * across + cx);
    }
    return found;
  }

  #width(on: CanvasRenderingContext2D, text: string): number {
    let found = this.#widths.get(text);
    if (found === undefined) {
      found = on.measureText(text).width;
      this.#widths.set(text, found);
    }
    return found;
  }
}

/** The name of a place: without a ground of its own, and a point where it lies. */
function name(on: CanvasRenderingContext2D, of: Label, [x, y]: [number, number], halo: string): void {
  on.fillStyle = of.hue;
  on.fillRect(of.x - 1.5, of.y - 1.5, 3, 3);
  on.strokeStyle = halo;
  on.lineWidth = 3;
  on.strokeText(of.lines[0] ?? '', x + 3, y + 1);
  on.fillText(of.lines[0] ?? '', x + 3, y + 1);
}
