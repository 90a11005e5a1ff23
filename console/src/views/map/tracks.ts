// Live tracks and own movers: local, never said on a line. A track is drawn where it was seen last;
// what it may do next is the leader line, never the mark.
import type { TrackView } from '../../lib/types';
import type { Mover } from '../../lib/types';
import { length } from '../../lib/time.svelte';
import { height, metres, speed } from '../../lib/units';
import { mercatorY } from './camera';
import { direct } from './geodesy';
import type { Brush } from './volumes';

/** Marks on the leader line: minutes ahead. */
const MINUTES = [1, 2, 5];
const TRAIL_MAX = 60;
const TRAIL_PX = 2;
/** A mover whose place is older than this is drawn hollow: nobody can say that it is still there. */
const OLD_MS = 10 * 60_000;

export type TrackMark = { id: string; at: [number, number]; track: TrackView };

/** Where tracks have been, as this page has seen them; forgotten with the track. */
export class Trails {
  #held = new Map<string, number[]>();

  note(tracks: TrackView[]): void {
    const here = new Set<string>();
    for (const { seen } of tracks) {
      const name = `${seen.source}/${seen.id}`;
      here.add(name);
      const trail = this.#held.get(name) ?? [];
      if (trail.at(-2) !== seen.lat || trail.at(-1) !== seen.lon) trail.push(seen.lat, seen.lon);
      if (trail.length > 2 * TRAIL_MAX) trail.splice(0, 2);
      this.#held.set(name, trail);
    }
    for (const name of this.#held.keys()) if (!here.has(name)) this.#held.delete(name);
  }

  of(name: string): number[] {
    return this.#held.get(name) ?? [];
  }
}

export type TrackChoices = { leaders: number; trails: boolean; labels: boolean };

/** More tracks than this in sight: labels of others wait until the map stands still. */
const PLENTY = 200;

export function paintTracks(tracks: TrackView[], trails: Trails, choices: TrackChoices, brush: Brush): TrackMark[] {
  const { on, camera, colour } = brush;
  const found = seen(tracks, brush);
  const [x0, y0] = [camera.width / 2, camera.height / 2 - mercatorY(camera.lat) * camera.world];
  const near = camera.metresPerPixel() < 600;
  const named = brush.still || found.length < PLENTY;
  on.setLineDash([]);
  on.lineWidth = 1.4;
  on.strokeStyle = on.fillStyle = colour('--track');
  // All of a kind in one path: a thousand of them are one stroke.
  const [held, coasting, ahead] = [new Path2D(), new Path2D(), new Path2D()];
  for (const mark of found) {
    const { track, id, at } = mark;
    const own = track.call_sign !== '';
    const close = near || own || brush.selected('track', id);
    if (choices.trails && close) paintTrail(trails.of(id), brush, x0, y0);
    if (choices.leaders > 0 && close) leader(ahead, track, choices.leaders, brush, at);
    outline(track.coasting ? coasting : held, at, track.seen.course_deg, own ? 9 : close ? 7 : 4.5);
    if (choices.labels && close && (named || own)) {
      label(track, at, brush, colour(own ? '--own' : '--track'), own ? 2.5 : brush.selected('track', id) ? 3 : 0.5);
    }
  }
  on.stroke(held);
  on.setLineDash([2, 2]);
  on.stroke(coasting);
  on.setLineDash([]);
  on.lineWidth = 1;
  on.stroke(ahead);
  for (const mark of found) distinguish(mark, brush);
  return found;
}

function seen(tracks: TrackView[], brush: Brush): TrackMark[] {
  const { camera } = brush;
  const found: TrackMark[] = [];
  for (const track of tracks) {
    const at = camera.project(track.seen.lat, track.seen.lon);
    if (at[0] < -40 || at[1] < -40 || at[0] > camera.width + 40 || at[1] > camera.height + 40) continue;
    found.push({ id: `${track.seen.source}/${track.seen.id}`, at, track });
  }
  return found;
}

/** Own ones are filled, a chosen one is ringed. */
function distinguish({ track, id, at }: TrackMark, brush: Brush): void {
  const { on, colour } = brush;
  if (track.call_sign !== '') {
    const path = new Path2D();
    outline(path, at, track.seen.course_deg, 9);
    on.strokeStyle = on.fillStyle = colour('--own');
    on.lineWidth = 2;
    if (!track.coasting) on.fill(path);
    on.stroke(path);
  }
  if (brush.selected('track', id)) {
    on.strokeStyle = colour('--accent');
    on.lineWidth = 4;
    on.beginPath();
    on.arc(at[0], at[1], 14, 0, 7);
    on.stroke();
  }
}

/** A pointed mark along its course; without a course a square. */
function outline(path: Path2D, [x, y]: [number, number], course: number | null, size: number): void {
  if (course === null) {
    path.rect(x - size / 2, y - size / 2, size, size);
    return;
  }
  const [sin, cos] = [Math.sin((course * Math.PI) / 180) * size, Math.cos((course * Math.PI) / 180) * size];
  const put = (right: number, down: number, first = false): void => {
    const [px, py] = [x + right * cos - down * sin, y + right * sin + down * cos];
    if (first) path.moveTo(px, py);
    else path.lineTo(px, py);
  };
  put(0, -1, true);
  put(0.65, 0.8);
  put(0, 0.35);
  put(-0.65, 0.8);
  path.closePath();
}

function paintTrail(trail: number[], brush: Brush, x0: number, y0: number): void {
  const { on, camera } = brush;
  on.globalAlpha = 0.6;
  for (let n = 0; n + 3 < trail.length; n += 2) {
    const [x] = camera.project(trail[n] ?? 0, trail[n + 1] ?? 0);
    const y = y0 + mercatorY(trail[n] ?? 0) * camera.world;
    if (Math.abs(x - x0) < camera.width && y > -20 && y < camera.height + 20) on.fillRect(x - TRAIL_PX / 2, y - TRAIL_PX / 2, TRAIL_PX, TRAIL_PX);
  }
  on.globalAlpha = 1;
}

/** Where it will be in so many minutes if it goes on as it does, a tick for each. */
function leader(path: Path2D, { seen }: TrackView, minutes: number, brush: Brush, at: [number, number]): void {
  if (seen.course_deg === null || seen.speed_mps <= 1) return;
  const turn = (seen.course_deg * Math.PI) / 180;
  const [dx, dy] = [Math.cos(turn) * 4, Math.sin(turn) * 4];
  path.moveTo(at[0], at[1]);
  for (const minute of MINUTES.filter((each) => each <= minutes)) {
    const [lon, lat] = direct(seen.lat, seen.lon, seen.course_deg, seen.speed_mps * minute * 60);
    const [x, y] = brush.camera.project(lat, lon);
    path.lineTo(x, y);
    path.moveTo(x - dx, y - dy);
    path.lineTo(x + dx, y + dy);
    path.moveTo(x, y);
  }
}

function label(track: TrackView, at: [number, number], brush: Brush, hue: string, weight: number): void {
  const { seen } = track;
  const name = track.call_sign || seen.call_sign?.trim() || seen.id;
  const level = seen.ref === 'SFC' ? 'SFC' : seen.height_m === null ? '?' : heightText(track);
  const lines = [name, `${level} ${speed(seen.speed_mps)}`];
  if (track.coasting) lines.push(`${track.age_s} s`);
  brush.labels.put(at[0] + 10, at[1] + 4, lines, hue, weight, true);
}

export function heightText(track: TrackView): string {
  const { seen } = track;
  if (seen.ref === 'SFC') return 'SFC';
  if (seen.height_m === null) return '?';
  if (seen.ref === null) return `${metres(seen.height_m)} ?`;
  return height({ ref: seen.ref, mm: Math.round(seen.height_m * 1000) });
}

export type MoverMark = { id: string; at: [number, number]; mover: Mover };

/** Own movers as somebody last knew them. */
export function paintMovers(movers: (Mover & { line: string })[], brush: Brush): MoverMark[] {
  const { on, camera, colour } = brush;
  const found: MoverMark[] = [];
  for (const mover of movers) {
    const at = camera.project(mover.position[0] / 1e7, mover.position[1] / 1e7);
    if (at[0] < -20 || at[1] < -20 || at[0] > camera.width + 20 || at[1] > camera.height + 20) continue;
    const id = `${mover.line}:${mover.call_sign}`;
    const old = brush.now - mover.as_of > OLD_MS;
    const selected = brush.selected('mover', id);
    found.push({ id, at, mover });
    on.strokeStyle = colour(selected ? '--accent' : '--own');
    on.fillStyle = colour('--own');
    on.lineWidth = selected ? 4 : 2;
    on.setLineDash(old ? [3, 2] : []);
    on.beginPath();
    on.rect(at[0] - 7, at[1] - 7, 14, 14);
    on.stroke();
    on.setLineDash([]);
    if (!old) on.fillRect(at[0] - 3, at[1] - 3, 6, 6);
    brush.labels.put(at[0] + 12, at[1] - 8, [mover.call_sign, length(brush.now - mover.as_of)], colour('--own'), 2.6, true);
  }
  return found;
}
