// Signed areas on the map: outlined, never filled, since they clear nobody of anything. In force they
// are drawn with long strokes; what counts not, or not yet, with dots, and says so.
import type { Footprint } from '../../lib/footprint';
import { zTime } from '../../lib/time.svelte';
import { t } from '../../lib/words.svelte';
import { trace } from '../filing/drawing.svelte';
import type { Camera } from '../map/camera';
import type { Hit, MapLayer, Painting } from '../map/layers';
import { shapeOf, type Shape } from '../map/shapes';
import { agreed } from './agreed.svelte';
import type { Row } from './rows';
import { wish } from './wish.svelte';

const SMALL_PX = 30;
const IN_FORCE = [16, 5, 3, 5, 3, 5];
const NOT_YET = [2, 6];
/** Shapes never change; what the node says again is made once more. */
const made = new WeakMap<Footprint, Shape>();

function shape(of: Footprint): Shape {
  const held = made.get(of) ?? shapeOf(of);
  made.set(of, held);
  return held;
}

function shown(): Row[] {
  return agreed.all.filter((row) => row.how !== 'over');
}

function paint(on: Painting, of: Footprint, dash: number[], hue: string, width: number): void {
  on.canvas.strokeStyle = hue;
  on.canvas.lineWidth = width;
  on.canvas.setLineDash(dash);
  for (const ring of shape(of).rings) {
    on.canvas.beginPath();
    trace(on, ring);
    on.canvas.stroke();
  }
  on.canvas.setLineDash([]);
}

/** Left, top, right and bottom on the screen, beside the copy that is nearest. */
function boxOf(of: Footprint, camera: Camera): [number, number, number, number] {
  const [west, south, east, north] = shape(of).box;
  const turn = Math.round((camera.lon - (west + east) / 2) / 360) * 360;
  return [...camera.projectFlat(north, west + turn), ...camera.projectFlat(south, east + turn)];
}

function paintRow(on: Painting, row: Row): void {
  const { area, measure } = row.said[0];
  const [left, top, right, bottom] = boxOf(area.footprint, on.camera);
  if (right < 0 || bottom < 0 || left > on.camera.width || top > on.camera.height) return;
  const chosen = on.selected('standing', row.id);
  const counts = row.said[0].signed_by_both && area.start <= on.at && on.at < row.until;
  if (chosen) paint(on, area.footprint, [], on.colour('--accent'), 7);
  paint(on, area.footprint, counts ? IN_FORCE : NOT_YET, on.colour('--text'), counts ? 2.4 : 1.6);
  if (right - left < SMALL_PX && !chosen) return;
  const state = counts ? t('standing.until', { time: zTime(row.until) }) : t(`standing.how-${row.how === 'force' ? 'later' : row.how}`);
  on.label((left + right) / 2, top - 18, [`⇄ ${row.parties.join(' ')}: ${measure}`, state], on.colour('--text'), chosen ? 3 : 0.5);
}

function inside(of: Footprint, x: number, y: number, camera: Camera): boolean {
  const { box, rings } = shape(of);
  const turn = Math.round((camera.lon - (box[0] + box[2]) / 2) / 360) * 360;
  let within = false;
  for (const ring of rings) {
    const corners = ring.map(([lon, lat]) => camera.projectFlat(lat, lon + turn));
    corners.forEach((a, n) => {
      const b = corners[(n + 1) % corners.length] ?? a;
      if (a[1] > y !== b[1] > y && x < a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0])) within = !within;
    });
  }
  return within;
}

export const layer: MapLayer = {
  id: 'standing',
  words: 'standing.title',
  order: 20,
  paint: (on) => {
    for (const row of shown()) paintRow(on, row);
    if (wish.now.shape !== null) paint(on, wish.now.shape, [12, 6], on.colour('--accent'), 3);
  },
  hits: (x, y, camera) =>
    shown()
      .filter((row) => inside(row.said[0].area.footprint, x, y, camera))
      .map((row): Hit => ({ kind: 'standing', id: row.id, label: row.said[0].measure })),
};
