// The ground that the rest lies on: coasts, and borders dashed and unnamed. It is painted once for a
// stretch larger than the window and moved about as a picture; painted anew when that runs out.
import { mercatorY, type Camera } from './camera';

type Line = { points: Float64Array; box: [number, number, number, number] };
type Packed = { step: number; land: number[][]; borders: number[][] };

const MARGIN = 0.35;
/** A picture may be stretched so far before it is painted anew. */
const STRETCH = 0.35;
const SIMPLE_PX = 0.8;

export class Base {
  #land: Line[] = [];
  #borders: Line[] = [];
  #picture: HTMLCanvasElement | null = null;
  #of: { lat: number; lon: number; zoom: number; w: number; h: number; look: string } | null = null;
  ready = false;

  async load(url: string): Promise<boolean> {
    try {
      const packed = (await (await fetch(url)).json()) as Packed;
      this.#land = packed.land.map((line) => unpacked(line, packed.step));
      this.#borders = packed.borders.map((line) => unpacked(line, packed.step));
      this.#of = null;
      this.ready = true;
    } catch {
      this.ready = false;
    }
    return this.ready;
  }

  /** Paint; `still`: nothing moves, so that a stretched picture is made sharp again. */
  paint(on: CanvasRenderingContext2D, camera: Camera, ratio: number, colour: (name: string) => string, still: boolean): void {
    const look = ['--sea', '--land', '--coast', '--border'].map(colour).join();
    const of = this.#of;
    const fits = of !== null && of.look === look && this.#covers(camera, still);
    if (!fits) this.#make(camera, ratio, colour, look);
    const held = this.#of;
    if (held === null || this.#picture === null) return;
    const scale = 2 ** (camera.zoom - held.zoom);
    const [x, y] = camera.project(held.lat, held.lon);
    on.drawImage(this.#picture, x - (held.w / 2) * scale, y - (held.h / 2) * scale, held.w * scale, held.h * scale);
  }

  #covers(camera: Camera, still: boolean): boolean {
    const of = this.#of;
    if (of === null) return false;
    const apart = Math.abs(camera.zoom - of.zoom);
    if (apart > STRETCH || (still && apart > 0.001)) return false;
    const scale = 2 ** (camera.zoom - of.zoom);
    const [x, y] = camera.project(of.lat, of.lon);
    const [w, h] = [(of.w / 2) * scale, (of.h / 2) * scale];
    return x - w <= 0 && y - h <= 0 && x + w >= camera.width && y + h >= camera.height;
  }

  #make(camera: Camera, ratio: number, colour: (name: string) => string, look: string): void {
    const [w, h] = [camera.width * (1 + 2 * MARGIN), camera.height * (1 + 2 * MARGIN)];
    this.#picture ??= document.createElement('canvas');
    this.#picture.width = Math.round(w * ratio);
    this.#picture.height = Math.round(h * ratio);
    const on = this.#picture.getContext('2d', { alpha: false });
    if (on === null) return;
    on.scale(ratio, ratio);
    on.fillStyle = colour('--sea');
    on.fillRect(0, 0, w, h);
    const view = new View(camera, w, h);
    on.fillStyle = colour('--land');
    on.beginPath();
    for (const ring of this.#land) view.ring(on, ring);
    on.fill('evenodd');
    on.strokeStyle = colour('--coast');
    on.lineWidth = 1;
    on.beginPath();
    for (const ring of this.#land) view.line(on, ring);
    on.stroke();
    on.setLineDash([5, 4]);
    on.strokeStyle = colour('--border');
    on.beginPath();
    for (const line of this.#borders) view.line(on, line);
    on.stroke();
    on.setLineDash([]);
    this.#of = { lat: camera.lat, lon: camera.lon, zoom: camera.zoom, w, h, look };
  }
}

/** A window of the map in pixels, about the camera's middle; the world is drawn thrice over. */
class View {
  readonly #x0: number;
  readonly #y0: number;
  readonly #world: number;

  constructor(camera: Camera, readonly w: number, readonly h: number) {
    this.#world = camera.world;
    this.#x0 = (camera.lon / 360) * this.#world - w / 2;
    this.#y0 = mercatorY(camera.lat) * this.#world - h / 2;
  }

  /** Every copy of a line that can be seen: its offset in pixels. */
  *#turns(box: Line['box']): Generator<number> {
    const [west, north, east, south] = box;
    if (south * this.#world - this.#y0 < 0 || north * this.#world - this.#y0 > this.h) return;
    for (const turn of [-1, 0, 1]) {
      const off = turn * this.#world - this.#x0;
      if (east * this.#world + off >= 0 && west * this.#world + off <= this.w) yield off;
    }
  }

  ring(on: CanvasRenderingContext2D, ring: Line): void {
    for (const off of this.#turns(ring.box)) {
      const clipped = clip(this.#pixels(ring, off), this.w, this.h);
      clipped.forEach(([x, y], n) => (n === 0 ? on.moveTo(x, y) : on.lineTo(x, y)));
      on.closePath();
    }
  }

  line(on: CanvasRenderingContext2D, line: Line): void {
    for (const off of this.#turns(line.box)) {
      let down = false;
      let last: [number, number] | undefined;
      for (const point of this.#pixels(line, off)) {
        last ??= point;
        // Where the atlas cuts the land at 180 degrees there is no coast.
        const cut = (of: [number, number]): boolean => Math.abs(Math.abs(of[0] - off) - this.#world / 2) < 1e-3;
        const out = (cut(point) && cut(last)) || Math.max(point[0], last[0]) < 0 || Math.max(point[1], last[1]) < 0 ||
          Math.min(point[0], last[0]) > this.w || Math.min(point[1], last[1]) > this.h;
        if (out) down = false;
        else {
          if (!down) on.moveTo(last[0], last[1]);
          on.lineTo(point[0], point[1]);
          down = true;
        }
        last = point;
      }
    }
  }

  /** Points that can be told apart. The first comes twice, so that a line has where to begin. */
  #pixels(line: Line, off: number): [number, number][] {
    const found: [number, number][] = [];
    const n = line.points.length;
    let [lx, ly] = [Infinity, Infinity];
    for (let i = 0; i < n; i += 2) {
      const x = (line.points[i] ?? 0) * this.#world + off;
      const y = (line.points[i + 1] ?? 0) * this.#world - this.#y0;
      if (i > 0 && i < n - 2 && Math.abs(x - lx) + Math.abs(y - ly) < SIMPLE_PX) continue;
      if (i === 0) found.push([x, y]);
      found.push([x, y]);
      [lx, ly] = [x, y];
    }
    return found;
  }
}

/** Sutherland and Hodgman: what of a ring lies within the window, edge by edge. */
function clip(ring: [number, number][], w: number, h: number): [number, number][] {
  const sides: [axis: 0 | 1, limit: number, above: boolean][] = [[0, -4, true], [0, w + 4, false], [1, -4, true], [1, h + 4, false]];
  let kept = ring;
  for (const [axis, limit, above] of sides) {
    const next: [number, number][] = [];
    const inside = (p: [number, number]): boolean => (above ? p[axis] >= limit : p[axis] <= limit);
    let last = kept.at(-1);
    for (const point of kept) {
      if (last !== undefined && inside(point) !== inside(last)) {
        const part = (limit - last[axis]) / (point[axis] - last[axis]);
        next.push([last[0] + (point[0] - last[0]) * part, last[1] + (point[1] - last[1]) * part]);
      }
      if (inside(point)) next.push(point);
      last = point;
    }
    kept = next;
  }
  return kept;
}

/** From differences in parts of a degree to Mercator's plane: 0 to 1 east, 0 to 1 south. The east is
 * counted from 0° so that the window's middle is its longitude over 360. */
function unpacked(packed: number[], step: number): Line {
  const points = new Float64Array(packed.length);
  let [lon, lat] = [0, 0];
  const box: Line['box'] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < packed.length; i += 2) {
    lon += packed[i] ?? 0;
    lat += packed[i + 1] ?? 0;
    const [x, y] = [lon / step / 360, mercatorY(lat / step)];
    points[i] = x;
    points[i + 1] = y;
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return { points, box };
}
