// One frame of the map, from the ground up; and what a touch of it means.
import type { On } from '../../lib/store.svelte';
import type { ConflictView, Mover, NoticeView, Represented, TrackView } from '../../lib/types';
import { range } from '../../lib/units';
import { Base } from './base';
import { Camera } from './camera';
import { Labels } from './labels';
import type { Hit, MapLayer, Painting } from './layers';
import { Hatches, palette, type Colour } from './looks';
import type { Tool } from './pen.svelte';
import { flatten, inSight, pathOf, Shapes, stageOf, union, type Flat, type Thing } from './scene';
import { shapeOf } from './shapes';
import { paintMovers, paintTracks, Trails, type MoverMark, type TrackChoices, type TrackMark } from './tracks';
import { layOut, paintConflict, paintVolumes, touched, type Brush, type Cluster, type Frame } from './volumes';
import type { Footprint } from '../../lib/footprint';

export type Input = {
  notices: On<NoticeView>[];
  conflicts: On<ConflictView>[];
  movers: On<Mover>[];
  tracks: TrackView[];
  represented: Represented[];
  /** The area of each line: what could not be read may lie anywhere in it. */
  areas: { line: string; area: Footprint }[];
};
export type Words = { unread: (of: NoticeView) => string; metres: (m: number) => string };
export type Choices = TrackChoices & { zones: boolean; names: boolean };

export class Painter {
  readonly camera = new Camera();
  readonly base = new Base();
  #shapes = new Shapes();
  #trails = new Trails();
  #labels = new Labels();
  #hatches = new Hatches();
  #colour: Colour = palette();
  #things: Thing[] = [];
  #unread: On<NoticeView>[] = [];
  #areas: { line: string; flat: Flat }[] = [];
  #zones: { label: string; flat: Flat }[] = [];
  #of: Input | null = null;
  #frame: Frame = { shown: [], marks: [], clusters: [] };
  #tracks: TrackMark[] = [];
  #movers: MoverMark[] = [];
  #on: CanvasRenderingContext2D | null = null;

  /** The theme changed. */
  recolour(): void {
    this.#colour = palette();
  }

  /** What is to be shown has changed. */
  take(input: Input): void {
    const { things, unread } = this.#shapes.things(input.notices);
    this.#things = things;
    this.#unread = unread;
    if (input.tracks !== this.#of?.tracks) this.#trails.note(input.tracks);
    this.#areas = input.areas.map((each) => ({ line: each.line, flat: flatten(shapeOf(each.area)) }));
    this.#zones = input.represented.flatMap((third) =>
      third.zones.map((zone) => ({ label: `${third.name}: ${zone.label}`, flat: flatten(shapeOf(zone.footprint)) })),
    );
    this.#of = input;
  }

  paint(
    on: CanvasRenderingContext2D,
    how: {
      at: number; now: number; ratio: number; still: boolean; rtl: boolean; choices: Choices;
      selected: (kind: string, id: string) => boolean;
      layers: MapLayer[]; tool: Tool | null; words: Words;
    },
  ): void {
    const { camera } = this;
    const colour = this.#colour;
    this.#on = on;
    on.setTransform(how.ratio, 0, 0, how.ratio, 0, 0);
    on.direction = 'ltr';
    on.fillStyle = colour('--sea');
    on.fillRect(0, 0, camera.width, camera.height);
    this.base.paint(on, camera, how.ratio, colour, how.still);
    const [ox, oy] = camera.projectFlat(0, 0);
    this.#hatches.anchor(ox, oy, how.ratio);
    const brush: Brush = {
      on, camera, colour, hatches: this.#hatches, labels: this.#labels,
      at: how.at, now: how.now, selected: how.selected, rtl: how.rtl,
      still: how.still,
    };
    if (how.choices.zones) this.#paintZones(brush);
    this.#paintUnread(brush, how.words);
    this.#frame = layOut(this.#things, brush);
    paintVolumes(this.#frame, brush);
    for (const conflict of this.#of?.conflicts ?? []) {
      paintConflict(conflict, this.#frame, brush, range(conflict.lateral_m, how.words.metres));
    }
    this.#movers = paintMovers(this.#of?.movers ?? [], brush);
    this.#tracks = paintTracks(this.#of?.tracks ?? [], this.#trails, how.choices, brush);
    const painting: Painting = {
      canvas: on, camera, at: how.at, colour, selected: how.selected,
      label: (...of) => this.#labels.put(...of), still: how.still,
    };
    for (const layer of how.layers) layer.paint(painting);
    this.#labels.paint(on, camera.width, camera.height, colour);
    how.tool?.paint?.(painting);
  }

  /** Standing areas of those without a node: outlined, never filled. */
  #paintZones(brush: Brush): void {
    brush.on.setLineDash([1, 4]);
    brush.on.strokeStyle = brush.colour('--text-soft');
    brush.on.lineWidth = 1.5;
    for (const zone of this.#zones) {
      const box = inSight(zone.flat.box, brush.camera);
      if (box === null || Math.max(box[2], box[3]) < 6) continue;
      brush.on.stroke(pathOf(zone.flat, brush.camera));
      brush.labels.put(box[0] + box[2] / 2, box[1] + box[3] + 8, [zone.label], brush.colour('--text-soft'), 0.2);
    }
    brush.on.setLineDash([]);
  }

  /** What could not be drawn is never dropped: it may be anywhere in the line's area, and says so. */
  #paintUnread(brush: Brush, words: Words): void {
    for (const { line, flat } of this.#areas) {
      const unread = this.#unread.filter((each) => each.line === line);
      const box = inSight(flat.box, brush.camera);
      if (unread.length === 0 || box === null) continue;
      const hue = brush.colour('--unknown');
      const path = pathOf(flat, brush.camera);
      brush.on.globalAlpha = 0.35;
      brush.on.fillStyle = brush.hatches.get('unknown', hue);
      brush.on.fill(path, 'evenodd');
      brush.on.globalAlpha = 1;
      brush.on.strokeStyle = hue;
      brush.on.setLineDash([12, 4, 3, 4]);
      brush.on.lineWidth = 3;
      brush.on.stroke(path);
      brush.on.setLineDash([]);
      const x = Math.max(120, Math.min(brush.camera.width - 120, box[0] + box[2] / 2));
      brush.labels.put(x, Math.max(16, box[1] + 14), unread.slice(0, 4).map(words.unread), hue, 3);
    }
  }

  /** What lies under a point, the smallest first; or a cluster to look into. */
  hits(x: number, y: number, reach: number, layers: MapLayer[]): { hits: Hit[]; cluster: Cluster | null } {
    if (this.#on === null) return { hits: [], cluster: null };
    const close = (at: [number, number]): boolean => Math.hypot(at[0] - x, at[1] - y) <= reach;
    // Paths were made in CSS pixels: they are asked without the canvas's own scale.
    this.#on.setTransform(1, 0, 0, 1, 0, 0);
    const found = touched(this.#frame, this.#on, x, y, reach);
    const hits: Hit[] = [
      ...this.#tracks.filter((each) => close(each.at)).map((each): Hit => ({ kind: 'track', id: each.id, label: each.id })),
      ...this.#movers.filter((each) => close(each.at)).map((each): Hit => ({ kind: 'mover', id: each.id, label: each.mover.call_sign })),
      ...found.things.map((thing): Hit => ({ kind: 'notice', id: thing.id, label: thing.notice.label })),
      ...(found.cluster === null ? layers.flatMap((layer) => layer.hits?.(x, y, this.camera) ?? []) : []),
    ];
    return { hits, cluster: hits.length === 0 ? found.cluster : null };
  }

  /** How much of what was painted in the last frame: for whoever asks what is on the map. */
  counts(at: number, now: number): Record<string, number> {
    const { shown, marks, clusters } = this.#frame;
    const live = shown.filter(({ thing, piece }) => ['active', 'tail'].includes(stageOf(piece.volume, thing.notice, at, now)));
    return {
      shapes: shown.length, live: live.length, marks: marks.length, clusters: clusters.length,
      clustered: clusters.reduce((n, each) => n + each.things.length, 0),
      tracks: this.#tracks.length, movers: this.#movers.length, unread: this.#unread.length, names: this.#labels.names,
      conflicts: this.#of?.conflicts.length ?? 0,
    };
  }

  /** Boxes of notices by id, to look at them. */
  boxOf(id: string): [number, number, number, number] | null {
    return this.#things.find((thing) => thing.id === id)?.box ?? null;
  }

  /** How long the longer side of some boxes together is on the screen, in pixels. */
  sizeOf(boxes: [number, number, number, number][]): number {
    const [west, south, east, north] = union(boxes);
    const [left, top] = this.camera.projectFlat(north, west);
    const [right, bottom] = this.camera.projectFlat(south, east);
    return Math.max(right - left, bottom - top);
  }

  /** What can be seen now, for those who read instead of looking. */
  inView(): { things: Thing[]; tracks: TrackMark[]; movers: MoverMark[] } {
    const things = this.#things.filter((thing) => inSight(thing.box, this.camera, 0) !== null);
    return { things, tracks: this.#tracks, movers: this.#movers };
  }

  /** Everything that has a place. */
  everything(): [number, number, number, number][] {
    const boxes = this.#things.map((thing) => thing.box);
    return boxes.length > 0 ? boxes : this.#areas.map((each) => each.flat.box);
  }
}
