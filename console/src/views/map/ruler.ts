// Range and bearing between two places, along the geodesic, and back.
import { bearing, distance } from '../../lib/units';
import { direct, inverse } from './geodesy';
import type { Painting } from './layers';
import { mapAsk, pen, type Tool, type Touch } from './pen.svelte';

const PIECES = 32;
let from: Touch | null = null;
let to: Touch | null = null;
let fixed = false;

/** Take the pen, or give it back. */
export function toggleRuler(): void {
  if (pen.tool?.id === 'ruler') return stop();
  pen.take(tool);
}

function stop(): void {
  from = to = null;
  fixed = false;
  pen.release('ruler');
  mapAsk.repaint();
}

const tool: Tool = {
  id: 'ruler',
  words: 'map.ruler-how',
  click: (at) => {
    if (from === null || fixed) [from, to, fixed] = [at, at, false];
    else [to, fixed] = [at, true];
    mapAsk.repaint();
  },
  move: (at) => {
    if (from === null || fixed) return;
    to = at;
    mapAsk.repaint();
  },
  undo: stop,
  cancel: stop,
  paint,
  say: measured,
};

/** What is measured now, as text, for those who do not see it; empty: nothing. */
export function measured(): string {
  if (from === null || to === null) return '';
  const way = inverse(from.lat, from.lon, to.lat, to.lon);
  const back = inverse(to.lat, to.lon, from.lat, from.lon);
  if (way === null || back === null) return '?';
  return `${bearing(way.bearing)} ${distance(way.metres)} · ${bearing(back.bearing)}`;
}

function paint({ canvas: on, camera, colour }: Painting): void {
  if (from === null || to === null) return;
  const way = inverse(from.lat, from.lon, to.lat, to.lon);
  if (way === null) return;
  on.strokeStyle = colour('--accent');
  on.lineWidth = 2.5;
  on.setLineDash([]);
  on.beginPath();
  for (let n = 0; n <= PIECES; n++) {
    const [lon, lat] = direct(from.lat, from.lon, way.bearing, (way.metres * n) / PIECES);
    const [x, y] = camera.project(lat, lon);
    if (n === 0) on.moveTo(x, y);
    else on.lineTo(x, y);
  }
  on.stroke();
  const [x, y] = camera.project(to.lat, to.lon);
  const text = measured();
  on.font = '700 14px Console, sans-serif';
  on.textAlign = 'left';
  on.textBaseline = 'top';
  on.fillStyle = colour('--label-back');
  on.fillRect(x + 10, y + 8, on.measureText(text).width + 10, 22);
  on.fillStyle = colour('--text');
  on.fillText(text, x + 15, y + 11);
}
