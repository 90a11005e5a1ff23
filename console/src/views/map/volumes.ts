// Painting of volumes, clusters, labels and conflicts. Every path is kept for the frame, since what
// was painted is what can be touched.
import type { On } from '../../lib/store.svelte';
import { band } from '../../lib/units';
import { sameRef } from '../../lib/refs';
import { zTime } from '../../lib/time.svelte';
import type { ConflictView } from '../../lib/types';
import type { Camera } from './camera';
import { Labels } from './labels';
import { badgeWords, t } from '../../lib/words.svelte';
import { COLOURS, DASHES, DRILL_COLOUR, DRILL_DASH, Hatches, mark, type Colour, type Sort } from './looks';
import { inSight, pathOf, pixels, stageOf, type Piece, type Thing } from './scene';

/** Smaller than this on the screen it is a mark, and marks that lie together are one with a number. */
const SMALL_PX = 10;
const CLUSTER_PX = 46;
/** With more than this in sight, hatches and lesser labels wait until the map stands still. */
const PLENTY = 120;
/** A longer one would lie across what is beside it. */
const LABEL_SIGNS = 30;
const LABEL_PX = 34;
const DETAIL_PX = 90;
const INSIDE_PX = 180;

export type Shown = { thing: Thing; piece: Piece; path: Path2D; at: [number, number]; size: number; high: number };
export type Cluster = { at: [number, number]; things: Thing[]; sorts: Map<Sort, number> };
export type Frame = { shown: Shown[]; marks: { thing: Thing; at: [number, number] }[]; clusters: Cluster[] };

export type Brush = {
  on: CanvasRenderingContext2D;
  camera: Camera;
  colour: Colour;
  hatches: Hatches;
  labels: Labels;
  at: number;
  now: number;
  selected: (kind: string, id: string) => boolean;
  rtl: boolean;
  /** Nothing moves: only then there is time for all of the beauty. */
  still: boolean;
};

/** Where things lie in this frame: shapes, single marks, clusters. */
export function layOut(things: Thing[], brush: Brush): Frame {
  const frame: Frame = { shown: [], marks: [], clusters: [] };
  const cells = new Map<string, Cluster>();
  for (const thing of things) {
    const box = inSight(thing.box, brush.camera);
    if (box === null) continue;
    const size = Math.max(box[2], box[3]);
    const at: [number, number] = [box[0] + box[2] / 2, box[1] + box[3] / 2];
    if (size >= SMALL_PX) {
      for (const piece of thing.pieces) {
        const seen = inSight(piece.flat.box, brush.camera);
        if (seen === null) continue;
        const middle: [number, number] = [seen[0] + seen[2] / 2, seen[1] + seen[3] / 2];
        frame.shown.push({ thing, piece, path: pathOf(piece.flat, brush.camera), at: middle, size: Math.max(seen[2], seen[3]), high: seen[3] });
      }
    } else if (thing.stands || brush.selected('notice', thing.id)) frame.marks.push({ thing, at });
    else gather(cells, thing, at);
  }
  for (const cluster of cells.values()) {
    const only = cluster.things[0];
    if (cluster.things.length === 1 && only !== undefined) frame.marks.push({ thing: only, at: cluster.at });
    else frame.clusters.push(cluster);
  }
  return frame;
}

function gather(cells: Map<string, Cluster>, thing: Thing, at: [number, number]): void {
  const cell = `${thing.drill} ${Math.floor(at[0] / CLUSTER_PX)} ${Math.floor(at[1] / CLUSTER_PX)}`;
  const held = cells.get(cell) ?? { at, things: [], sorts: new Map<Sort, number>() };
  held.things.push(thing);
  held.sorts.set(thing.sort, (held.sorts.get(thing.sort) ?? 0) + 1);
  cells.set(cell, held);
}

export function paintVolumes(frame: Frame, brush: Brush): void {
  const { on, colour } = brush;
  const plain = !brush.still && frame.shown.length > PLENTY;
  for (const shown of frame.shown) paintOne(shown, brush, plain);
  on.setLineDash([]);
  on.globalAlpha = 1;
  for (const { thing, at } of frame.marks) {
    const stage = best(thing, brush);
    const hue = colour(stage === 'active' || stage === 'tail' ? hueOf(thing) : '--inactive');
    mark(on, thing.sort, at[0], at[1], thing.stands || thing.loud ? 8 : 6);
    on.fillStyle = colour('--label-back');
    on.fill();
    on.strokeStyle = hue;
    on.lineWidth = thing.stands || thing.loud ? 3 : 1.8;
    on.stroke();
    if (brush.selected('notice', thing.id)) ring(brush, at, 14);
    if (thing.urgent) brush.labels.put(at[0], at[1] + 20, [nameOf(thing, short(thing.notice.label))], hue, 1);
    if (thing.drill) letter(on, at, hue);
  }
  for (const cluster of frame.clusters) paintCluster(cluster, brush);
}

function hueOf(thing: Thing): string {
  return thing.drill ? DRILL_COLOUR : COLOURS[thing.sort];
}

/** A label of an exercise begins with the word. */
function nameOf(thing: Thing, name: string): string {
  return thing.drill ? `${t('shell.exercise')} ${name}` : name;
}

/** In a mark that is too small for a hatch. */
function letter(on: CanvasRenderingContext2D, at: [number, number], hue: string): void {
  on.fillStyle = hue;
  on.font = '700 9px Console, sans-serif';
  on.textAlign = 'center';
  on.textBaseline = 'middle';
  on.fillText('◆', at[0], at[1] + 1);
}

function best(thing: Thing, brush: Brush): string {
  const stages = thing.pieces.map((piece) => stageOf(piece.volume, thing.notice, brush.at, brush.now));
  return (['active', 'tail', 'later'] as const).find((stage) => stages.includes(stage)) ?? 'past';
}

function paintOne(shown: Shown, brush: Brush, plain: boolean): void {
  const { on, colour, hatches } = brush;
  const { thing, piece, path } = shown;
  const stage = stageOf(piece.volume, thing.notice, brush.at, brush.now);
  const live = stage === 'active' || stage === 'tail';
  const hue = colour(live ? hueOf(thing) : '--inactive');
  if (live) {
    on.globalAlpha = (stage === 'active' ? 1 : 0.6) * (plain ? 0.22 : 1);
    on.fillStyle = plain ? hue : hatches.get(thing.sort, hue, thing.drill);
    on.fill(path, 'evenodd');
  }
  on.globalAlpha = live ? 1 : 0.8;
  const selected = brush.selected('notice', thing.id);
  if (selected) {
    on.setLineDash([]);
    on.lineWidth = 8;
    on.strokeStyle = colour('--accent');
    on.stroke(path);
  }
  on.strokeStyle = hue;
  on.setLineDash(live ? (thing.drill ? DRILL_DASH : DASHES[thing.sort]) : [1, 3]);
  on.lineWidth = thing.stands ? 3 : thing.notice.own ? 2.2 : 1.6;
  on.stroke(path);
  if (selected || thing.urgent || (shown.size > LABEL_PX && !plain)) label(shown, brush, hue, live);
}

/** A label as it stands on the map: the whole of it stands in the list and in the detail. */
function short(label: string): string {
  const signs = [...label];
  return signs.length <= LABEL_SIGNS ? label : `${signs.slice(0, LABEL_SIGNS - 1).join('')}…`;
}

/** Beside small shapes, inside large ones; the more the shape has room, the more is said. */
function label(shown: Shown, brush: Brush, hue: string, live: boolean): void {
  const { notice, urgent } = shown.thing;
  const { volume } = shown.piece;
  const selected = brush.selected('notice', shown.thing.id);
  const weight = selected ? 3 : urgent ? 2 : live ? 1 : 0;
  const text = [nameOf(shown.thing, `${notice.party} ${short(notice.label)}`)];
  if (shown.size > DETAIL_PX || selected) {
    text.push(band(volume.lower, volume.upper), `${zTime(volume.start, brush.at)}–${zTime(volume.end, brush.at)}`);
    if (notice.badges.length > 0) text.push(notice.badges.slice(0, 3).map((each) => t(badgeWords(each))).join(' · '));
  }
  const inside = shown.size > INSIDE_PX;
  brush.labels.put(shown.at[0], inside ? shown.at[1] : shown.at[1] + shown.high / 2 + 8 + text.length * 7, text, hue, weight);
}

function ring(brush: Brush, at: [number, number], radius: number): void {
  brush.on.beginPath();
  brush.on.arc(at[0], at[1], radius, 0, 7);
  brush.on.lineWidth = 4;
  brush.on.strokeStyle = brush.colour('--accent');
  brush.on.stroke();
}

function paintCluster(cluster: Cluster, brush: Brush): void {
  const { on, colour } = brush;
  const [sort] = [...cluster.sorts].sort((a, b) => b[1] - a[1])[0] ?? ['unknown' as const];
  const loud = cluster.things.some((thing) => thing.loud);
  const drill = cluster.things[0]?.drill ?? false;
  const text = `${drill ? '◆' : ''}${cluster.things.length}${loud ? '!' : ''}`;
  mark(on, sort, cluster.at[0], cluster.at[1], 13 + 2 * Math.max(0, text.length - 3));
  on.fillStyle = colour('--label-back');
  on.fill();
  on.lineWidth = loud ? 4 : 2;
  on.strokeStyle = colour(drill ? DRILL_COLOUR : cluster.sorts.size > 1 ? '--text' : COLOURS[sort]);
  on.setLineDash(cluster.sorts.size > 1 ? [3, 2] : []);
  on.stroke();
  on.setLineDash([]);
  on.fillStyle = colour('--text');
  on.font = '700 11px Console, sans-serif';
  on.textAlign = 'center';
  on.textBaseline = 'middle';
  on.fillText(text, cluster.at[0], cluster.at[1] + (sort === 'hazard' ? 3 : 0));
}

/** Two that are not apart: what they share is hatched crosswise; where they share nothing, the two
 * points that are nearest each other. */
export function paintConflict(conflict: On<ConflictView>, frame: Frame, brush: Brush, say: string): void {
  const here = frame.shown.filter((shown) => shown.thing.notice.line === conflict.line);
  const a = here.filter((shown) => sameRef(shown.thing.notice.ref, conflict.a));
  const b = here.filter((shown) => sameRef(shown.thing.notice.ref, conflict.b));
  const { on, colour, hatches } = brush;
  const hue = colour(conflict.verdict === 'YES' ? '--alarm' : '--warning');
  const selected = brush.selected('conflict', conflict.uid);
  for (const one of a) {
    for (const other of b) {
      on.save();
      on.clip(one.path, 'evenodd');
      on.fillStyle = hatches.get('cross', hue);
      on.fill(other.path, 'evenodd');
      on.restore();
    }
  }
  const shared = sharedMiddle(a, b, brush.camera);
  const near = shared === null ? nearest(a, b, brush.camera) : null;
  if (near !== null) {
    const [p, q] = near;
    on.setLineDash(conflict.verdict === 'YES' ? [] : [6, 4]);
    on.strokeStyle = hue;
    on.lineWidth = selected ? 5 : 3;
    on.beginPath();
    on.moveTo(p[0], p[1]);
    on.lineTo(q[0], q[1]);
    on.stroke();
    on.setLineDash([]);
  }
  const middle = shared ?? (near === null ? null : middleOf(near));
  if (middle === null) return;
  if (selected) ring(brush, middle, 16);
  cross(on, middle, hue, colour('--label-back'), conflict.verdict === 'YES' ? '✕' : '?');
  if (selected && near !== null) brush.labels.put(middle[0], middle[1] - 26, [say], hue, 3);
}

function middleOf(points: [number, number][]): [number, number] {
  const sum = points.reduce(([x, y], [px, py]) => [x + px, y + py], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

/** The middle of what two shapes share, by the corners of each that lie in the other; null where
 * there is none. */
function sharedMiddle(a: Shown[], b: Shown[], camera: Camera): [number, number] | null {
  for (const one of a) {
    const here = pixels(one.piece.flat, camera);
    for (const other of b) {
      const there = pixels(other.piece.flat, camera);
      const within = [...here.filter((p) => inRing(p, there)), ...there.filter((p) => inRing(p, here))];
      if (within.length > 0) return middleOf(within);
    }
  }
  return null;
}

function inRing([x, y]: [number, number], corners: [number, number][]): boolean {
  let inside = false;
  corners.forEach((a, n) => {
    const b = corners[(n + 1) % corners.length] ?? a;
    if (a[1] > y !== b[1] > y && x < a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0])) inside = !inside;
  });
  return inside;
}

function cross(on: CanvasRenderingContext2D, at: [number, number], hue: string, back: string, sign: string): void {
  on.fillStyle = back;
  on.strokeStyle = hue;
  on.lineWidth = 2;
  on.beginPath();
  on.rect(at[0] - 9, at[1] - 9, 18, 18);
  on.fill();
  on.stroke();
  on.fillStyle = hue;
  on.font = '700 14px Console, sans-serif';
  on.textAlign = 'center';
  on.textBaseline = 'middle';
  on.fillText(sign, at[0], at[1] + 1);
}

/** The two points of two outlines that are nearest each other on the screen. */
function nearest(a: Shown[], b: Shown[], camera: Camera): [[number, number], [number, number]] | null {
  let found: [[number, number], [number, number]] | null = null;
  let least = Infinity;
  for (const one of a) {
    const here = pixels(one.piece.flat, camera);
    for (const other of b) {
      for (const [corners, against, turned] of [[here, pixels(other.piece.flat, camera), false], [pixels(other.piece.flat, camera), here, true]] as const) {
        for (const corner of corners) {
          const on = foot(corner, against);
          const apart = Math.hypot(on[0] - corner[0], on[1] - corner[1]);
          if (apart < least) {
            least = apart;
            found = turned ? [on, corner] : [corner, on];
          }
        }
      }
    }
  }
  return found;
}

function foot(p: [number, number], ring: [number, number][]): [number, number] {
  let best: [number, number] = ring[0] ?? p;
  let least = Infinity;
  for (let n = 0; n < ring.length; n++) {
    const [a, b] = [ring[n], ring[(n + 1) % ring.length]];
    if (a === undefined || b === undefined) continue;
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const long = dx * dx + dy * dy;
    const part = long === 0 ? 0 : Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / long));
    const at: [number, number] = [a[0] + part * dx, a[1] + part * dy];
    const apart = (at[0] - p[0]) ** 2 + (at[1] - p[1]) ** 2;
    if (apart < least) [least, best] = [apart, at];
  }
  return best;
}

/** What a touch meets, the smallest first; marks and clusters before shapes. */
export function touched(frame: Frame, on: CanvasRenderingContext2D, x: number, y: number, reach: number): { things: Thing[]; cluster: Cluster | null } {
  const close = (at: [number, number]): boolean => Math.hypot(at[0] - x, at[1] - y) <= reach;
  const cluster = frame.clusters.find((each) => close(each.at)) ?? null;
  const marks = frame.marks.filter((each) => close(each.at)).map((each) => each.thing);
  const shapes = frame.shown
    .filter((shown) => on.isPointInPath(shown.path, x, y, 'evenodd'))
    .sort((a, b) => a.size - b.size)
    .map((shown) => shown.thing);
  const things = [...new Map([...marks, ...shapes].map((thing) => [thing.id, thing])).values()];
  return { things, cluster };
}
