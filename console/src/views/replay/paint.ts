// The map of a replay at one time: standing areas, places, what the parties stated, their own movers.
// The ground is written over with its mark, so that no picture of it passes for a picture of now.
import type { Timeline, Volume } from '../../lib/types';
import { zTime } from '../../lib/time.svelte';
import { Base } from '../map/base';
import { Camera } from '../map/camera';
import { Labels } from '../map/labels';
import { COLOURS, DASHES, Hatches, palette, type Colour, type Sort } from '../map/looks';
import { flatten, inSight, pathOf, union, type Flat } from '../map/scene';
import { circle, shapeOf, type Shape } from '../map/shapes';

type Area = { volume: Volume; flat: Flat };
type Stated = { label: string; by: string; sort: Sort; since: number; until: number | null; areas: Area[] };
type Spot = { label: string; lat: number; lon: number; since: number; round: Flat; mover: boolean };

/** Who says it is told by hatch, outline and name; there are as many looks as parties with a node. */
const LOOKS: Sort[] = ['hazard', 'keep-clear', 'movement', 'unknown'];

export class ReplayPainter {
  readonly camera = new Camera();
  readonly base = new Base();
  #hatches = new Hatches();
  #labels = new Labels();
  #colour: Colour = palette();
  #stated: Stated[] = [];
  #zones: { label: string; flat: Flat }[] = [];
  #spots: Spot[] = [];

  recolour(): void {
    this.#colour = palette();
  }

  take(of: Timeline): void {
    const parties = of.parties.filter((each) => each.on_line).map((each) => each.id);
    this.#stated = of.shapes.map((shape) => ({
      label: `${shape.by}: ${shape.label}`, by: shape.by, since: shape.since, until: shape.until,
      sort: LOOKS[Math.max(0, parties.indexOf(shape.by)) % LOOKS.length] ?? 'unknown',
      areas: shape.volumes.map((volume) => ({ volume, flat: flatten(shapeOf(volume.footprint)) })),
    }));
    this.#zones = of.zones.map((zone) => ({
      label: `${zone.party}: ${zone.label}`, flat: flatten(shapeOf(zone.footprint)),
    }));
    this.#spots = [
      ...of.places.map((each) => spot(each.id, each.at, each.accuracy_m, 0, false)),
      ...of.movers.map((each) => spot(`${each.by}: ${each.call_sign}`, each.at, each.accuracy_m, each.since, true)),
    ];
  }

  /** Everything that is shown at any time. */
  lookAtAll(): void {
    const own = [...this.#stated.flatMap((each) => each.areas.map((area) => area.flat.box)), ...this.#spots.map((each) => each.round.box)];
    const boxes = own.length > 0 ? own : this.#zones.map((each) => each.flat.box);
    if (boxes.length === 0) return;
    const [west, south, east, north] = union(boxes);
    this.camera.fit(south, west, north, east, 24);
  }

  /** Paint one moment; how many of what the parties state stand then, and are in force. */
  paint(on: CanvasRenderingContext2D, at: number, ratio: number, mark: string): { stated: number; live: number } {
    const { camera } = this;
    const colour = this.#colour;
    on.setTransform(ratio, 0, 0, ratio, 0, 0);
    on.direction = 'ltr';
    on.fillStyle = colour('--sea');
    on.fillRect(0, 0, camera.width, camera.height);
    this.base.paint(on, camera, ratio, colour, true);
    this.#written(on, mark);
    const [ox, oy] = camera.projectFlat(0, 0);
    this.#hatches.anchor(ox, oy, ratio);
    this.#outlines(on);
    const stand = this.#stated.filter((each) => each.since <= at && (each.until === null || at < each.until));
    let live = 0;
    for (const each of stand) live += this.#state(on, each, at);
    for (const each of this.#spots) if (each.since <= at) this.#dot(on, each);
    this.#labels.paint(on, camera.width, camera.height, colour);
    return { stated: stand.length, live };
  }

  #written(on: CanvasRenderingContext2D, mark: string): void {
    on.save();
    on.globalAlpha = 0.22;
    on.fillStyle = this.#colour('--unknown');
    on.font = '700 30px Console, sans-serif';
    on.translate(this.camera.width / 2, this.camera.height / 2);
    on.rotate(-0.35);
    for (let y = -600; y <= 600; y += 96) {
      for (let x = -1000; x <= 1000; x += 240) on.fillText(mark, x + ((y / 96) % 2) * 110, y);
    }
    on.restore();
  }

  #outlines(on: CanvasRenderingContext2D): void {
    on.setLineDash([1, 4]);
    on.lineWidth = 1.5;
    on.strokeStyle = this.#colour('--text-soft');
    for (const zone of this.#zones) {
      const box = inSight(zone.flat.box, this.camera);
      if (box === null) continue;
      on.stroke(pathOf(zone.flat, this.camera));
      const [x, y] = this.#within(box[0] + box[2] / 2, box[1] + box[3] + 8);
      this.#labels.put(x, y, [zone.label], this.#colour('--text-soft'), 0.2);
    }
    on.setLineDash([]);
  }

  /** In force it is hatched; before and after its window a grey outline. Gives how many are. */
  #state(on: CanvasRenderingContext2D, of: Stated, at: number): number {
    let live = 0;
    for (const { volume, flat } of of.areas) {
      const force = volume.start <= at && at < volume.end;
      const hue = this.#colour(force ? COLOURS[of.sort] : '--inactive');
      const path = pathOf(flat, this.camera);
      if (force) {
        live += 1;
        on.fillStyle = this.#hatches.get(of.sort, hue);
        on.fill(path, 'evenodd');
      }
      on.strokeStyle = hue;
      on.setLineDash(force ? DASHES[of.sort] : [2, 4]);
      on.lineWidth = 2.4;
      on.stroke(path);
    }
    on.setLineDash([]);
    const box = inSight(union(of.areas.map((each) => each.flat.box)), this.camera);
    const first = of.areas[0]?.volume;
    if (box === null || first === undefined) return live;
    const hue = this.#colour(live > 0 ? COLOURS[of.sort] : '--inactive');
    const [x, y] = this.#within(box[0] + box[2] / 2, box[1] + box[3] * 0.3);
    this.#labels.put(x, y, [of.label, `${zTime(first.start, at)}–${zTime(first.end, at)}`], hue, 3);
    return live;
  }

  #within(x: number, y: number): [number, number] {
    const { width, height } = this.camera;
    return [Math.max(110, Math.min(width - 110, x)), Math.max(22, Math.min(height - 22, y))];
  }

  #dot(on: CanvasRenderingContext2D, of: Spot): void {
    const colour = this.#colour(of.mover ? '--own' : '--text-soft');
    const [x, y] = this.camera.project(of.lat, of.lon);
    on.strokeStyle = on.fillStyle = colour;
    on.lineWidth = of.mover ? 2 : 1;
    on.setLineDash([3, 3]);
    on.stroke(pathOf(of.round, this.camera));
    on.setLineDash([]);
    on.beginPath();
    if (of.mover) on.rect(x - 5, y - 5, 10, 10);
    else on.arc(x, y, 2.5, 0, 7);
    if (of.mover) on.stroke();
    else on.fill();
    this.#labels.put(x + 8, y - 18, [of.label], colour, of.mover ? 2 : 0.5, true);
  }
}

function spot(label: string, at: readonly [number, number], metres: number, since: number, mover: boolean): Spot {
  const [lat, lon] = [at[0] / 1e7, at[1] / 1e7];
  const ring = circle(lat, lon, Math.max(1, metres));
  const lons = ring.map((point) => point[0]);
  const lats = ring.map((point) => point[1]);
  const box: Shape['box'] = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  return { label, lat, lon, since, mover, round: flatten({ rings: [ring], box }) };
}
