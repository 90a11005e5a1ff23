// What stands on the map, made from what the node said, once per change; painting only projects it.
import type { NoticeView, Volume } from '../../lib/types';
import { store, type On } from '../../lib/store.svelte';
import { mercatorY, type Camera } from './camera';
import type { Sort, Stage } from './looks';
import { shapeOf, type Ring, type Shape } from './shapes';

/** Rings in Mercator's plane: x east as longitude over 360, y south, one after the other. */
export type Flat = { rings: Float64Array[]; line: Float64Array | null; box: Shape['box'] };
export type Piece = { volume: Volume; flat: Flat };
/** One version of a notice, ready to be painted. */
export type Thing = {
  id: string;
  notice: On<NoticeView>;
  sort: Sort;
  /** Of an exercise: it has a hatch, an outline and a word of its own, whatever sort it is. */
  drill: boolean;
  pieces: Piece[];
  box: Shape['box'];
  /** Never hidden in a cluster: exposed, in conflict, or not understood; and whatever may hurt or
   * moves, where it was not told or came late. */
  stands: boolean;
  /** Something of it is still to be done: its mark, or that of its cluster, says so. */
  loud: boolean;
  /** Named on the map whatever its size: somebody may be hurt by what is not known of it. */
  urgent: boolean;
};

const URGENT = new Set(['CONFLICT', 'UNDETERMINED', 'EXPOSED', 'COULD NOT READ']);
const LOUD = new Set([...URGENT, 'NOT TOLD', 'LATE', 'ENDED BY TIME, NOT CONFIRMED']);

export function flatten(shape: Shape): Flat {
  const flat = (ring: Ring): Float64Array => {
    const found = new Float64Array(ring.length * 2);
    ring.forEach(([lon, lat], n) => {
      found[2 * n] = lon / 360;
      found[2 * n + 1] = mercatorY(lat);
    });
    return found;
  };
  return { rings: shape.rings.map(flat), line: shape.line ? flat(shape.line) : null, box: shape.box };
}

/** Versions never change: their shapes are kept as long as they are shown. */
export class Shapes {
  #held = new Map<string, Piece[]>();

  things(notices: On<NoticeView>[]): { things: Thing[]; unread: On<NoticeView>[] } {
    const next = new Map<string, Piece[]>();
    const things: Thing[] = [];
    const unread: On<NoticeView>[] = [];
    for (const notice of notices) {
      if (notice.volumes.length === 0) {
        if (notice.phase === 'UNREADABLE') unread.push(notice);
        continue;
      }
      const id = notice.uid;
      const pieces = this.#held.get(id) ?? notice.volumes.map(piece);
      next.set(id, pieces);
      things.push({
        id, notice, pieces, sort: notice.effect ?? 'unknown', drill: store.isExercise(notice.line), box: union(pieces.map((each) => each.flat.box)),
        ...weight(notice),
      });
    }
    this.#held = next;
    return { things, unread };
  }
}

/** A site to be kept clear hurts nobody by itself: a thousand that wait to be told are one mark. */
function weight(notice: NoticeView): Pick<Thing, 'stands' | 'loud' | 'urgent'> {
  const urgent = notice.badges.some((badge) => URGENT.has(badge));
  const loud = notice.badges.some((badge) => LOUD.has(badge));
  const stands = urgent || notice.conflicts.length > 0 || (loud && notice.effect !== 'keep-clear');
  return { urgent, loud, stands };
}

function piece(volume: Volume): Piece {
  return { volume, flat: flatten(shapeOf(volume.footprint)) };
}

export function union(boxes: Shape['box'][]): Shape['box'] {
  let [west, south, east, north] = boxes[0] ?? [0, 0, 0, 0];
  for (const box of boxes.slice(1)) {
    const turn = Math.round((west - box[0]) / 360) * 360;
    west = Math.min(west, box[0] + turn);
    east = Math.max(east, box[2] + turn);
    south = Math.min(south, box[1]);
    north = Math.max(north, box[3]);
  }
  return [west, south, east, north];
}

/** A box on the screen: left, top, width, height; null: out of sight. */
export function inSight(box: Shape['box'], camera: Camera, margin = 20): [number, number, number, number] | null {
  const [left, top] = placed(box[0], box[3], box, camera);
  const [right, bottom] = placed(box[2], box[1], box, camera);
  if (right < -margin || bottom < -margin || left > camera.width + margin || top > camera.height + margin) return null;
  return [left, top, right - left, bottom - top];
}

/** A corner of a box beside the copy of it that is nearest the window's middle. */
function placed(lon: number, lat: number, box: Shape['box'], camera: Camera): [number, number] {
  return camera.projectFlat(lat, lon + turnOf(box, camera) * 360);
}

/** Which copy round the world: whole turns to be added to its longitudes. */
export function turnOf(box: Shape['box'], camera: Camera): number {
  return Math.round((camera.lon - (box[0] + box[2]) / 2) / 360);
}

/** Rings as a path in pixels. */
export function pathOf(flat: Flat, camera: Camera, turn = turnOf(flat.box, camera)): Path2D {
  const path = new Path2D();
  const [x0, y0] = origin(camera, turn);
  const world = camera.world;
  for (const ring of flat.rings) {
    for (let n = 0; n < ring.length; n += 2) {
      const x = (ring[n] ?? 0) * world + x0;
      const y = (ring[n + 1] ?? 0) * world + y0;
      if (n === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
    }
    path.closePath();
  }
  return path;
}

function origin(camera: Camera, turn: number): [number, number] {
  return [
    camera.width / 2 + (turn - camera.lon / 360) * camera.world,
    camera.height / 2 - mercatorY(camera.lat) * camera.world,
  ];
}

/** Points of the outer ring in pixels. */
export function pixels(flat: Flat, camera: Camera): [number, number][] {
  const [x0, y0] = origin(camera, turnOf(flat.box, camera));
  const ring = flat.rings[0] ?? new Float64Array();
  const found: [number, number][] = [];
  for (let n = 0; n < ring.length; n += 2) {
    found.push([(ring[n] ?? 0) * camera.world + x0, (ring[n + 1] ?? 0) * camera.world + y0]);
  }
  return found;
}

/** How a volume stands at a time: in force, to come, still dangerous after its window, or past. */
export function stageOf(volume: Volume, notice: NoticeView, at: number, now: number): Stage {
  if (at < volume.start) return 'later';
  if (at < volume.end) return 'active';
  if (notice.effect === 'hazard' && notice.over !== null && at < notice.over) return 'tail';
  // A hazard whose end nobody has confirmed does not go away by the clock alone.
  if (notice.phase === 'ENDED-BY-TIME' && at >= now - 60_000) return 'tail';
  return 'past';
}
