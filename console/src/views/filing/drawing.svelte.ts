// Drawing on the map: a polygon by its corners, a circle by middle and edge, a corridor by its line.
import type { Footprint } from '../../lib/footprint';
import { distance } from '../../lib/units';
import { t } from '../../lib/words.svelte';
import { inverse, type LonLat } from '../map/geodesy';
import type { MapLayer, Painting } from '../map/layers';
import { mapAsk, pen, type Tool, type Touch } from '../map/pen.svelte';
import { shapeOf } from '../map/shapes';
import { draft, e7 } from './draft.svelte';

export type Kind = 'polygon' | 'disc' | 'corridor';
const EDGE = 'geodesic';

class Drawing {
  kind = $state<Kind | null>(null);
  points = $state.raw<LonLat[]>([]);
  /** Half the width of a corridor. */
  halfWidthMm = $state(5_000_000);
  #take = (made: Footprint): void => draft.add(made);

  /** `take`: who gets the shape; without one it is the draft's. */
  begin(kind: Kind, take = (made: Footprint): void => draft.add(made)): void {
    this.kind = kind;
    this.points = [];
    this.#take = take;
    pen.take(this.#tool());
  }

  stop(): void {
    this.kind = null;
    this.points = [];
    pen.release('draw');
    mapAsk.repaint();
  }

  /** What would come of the points so far; null: too few. */
  shape(): Footprint | null {
    const at = this.points.map(([lon, lat]) => e7(lat, lon));
    const [first, second] = this.points;
    if (this.kind === 'polygon' && at.length >= 3) return { shape: 'polygon', outer: at, edge: EDGE };
    if (this.kind === 'corridor' && at.length >= 2) {
      return { shape: 'corridor', line: at, half_width_mm: this.halfWidthMm, edge: EDGE };
    }
    if (this.kind === 'disc' && first !== undefined && second !== undefined && at[0] !== undefined) {
      const way = inverse(first[1], first[0], second[1], second[0]);
      return way === null ? null : { shape: 'disc', centre: at[0], radius_mm: Math.ceil(way.metres) * 1000 };
    }
    return null;
  }

  #finish(): void {
    const made = this.shape();
    if (made === null) return;
    this.#take(made);
    this.stop();
  }

  #tool(): Tool {
    return {
      id: 'draw',
      words: `filing.draw-${this.kind ?? 'polygon'}`,
      click: (at) => this.#click(at),
      finish: () => this.#finish(),
      undo: () => {
        this.points = this.points.slice(0, -1);
        mapAsk.repaint();
      },
      cancel: () => this.stop(),
      paint: (on) => this.#paint(on),
    };
  }

  #click(at: Touch): void {
    this.points = [...this.points, [at.lon, at.lat]];
    if (this.kind === 'disc' && this.points.length === 2) this.#finish();
    mapAsk.repaint();
  }

  #paint(on: Painting): void {
    const made = this.shape();
    if (made !== null) outline(on, made);
    on.canvas.fillStyle = on.colour('--accent');
    for (const [lon, lat] of this.points) {
      const [x, y] = on.camera.project(lat, lon);
      on.canvas.fillRect(x - 5, y - 5, 10, 10);
    }
  }
}

export const drawing = new Drawing();

function outline(on: Painting, footprint: Footprint): void {
  const { canvas, colour } = on;
  canvas.strokeStyle = colour('--accent');
  canvas.lineWidth = 3;
  canvas.setLineDash([12, 6]);
  for (const ring of shapeOf(footprint).rings) {
    canvas.beginPath();
    trace(on, ring);
    canvas.stroke();
  }
  canvas.setLineDash([]);
}

/** A ring's path; its longitudes may run past 180 degrees, and all of them turn together. */
export function trace({ canvas, camera }: Painting, ring: LonLat[]): void {
  const turn = Math.round((camera.lon - (ring[0]?.[0] ?? 0)) / 360) * 360;
  ring.forEach(([lon, lat], n) => {
    const [x, y] = camera.projectFlat(lat, lon + turn);
    if (n === 0) canvas.moveTo(x, y);
    else canvas.lineTo(x, y);
  });
  canvas.closePath();
}

/** The draft on the map: dashed, since nobody has been told of it. */
export const layer: MapLayer = {
  id: 'draft',
  words: 'filing.layer',
  order: 80,
  paint: (on) => {
    for (const footprint of draft.now.shapes) outline(on, footprint);
    for (const each of draft.now.undrawn) if (each.envelope !== null) hatch(on, each.envelope);
  },
};

/** An area that holds something which could not be drawn. */
function hatch(on: Painting, footprint: Footprint): void {
  const { canvas, colour } = on;
  canvas.save();
  canvas.beginPath();
  for (const ring of shapeOf(footprint).rings) {
    trace(on, ring);
  }
  canvas.strokeStyle = colour('--unknown');
  canvas.lineWidth = 2;
  canvas.stroke();
  canvas.clip();
  canvas.beginPath();
  const { width, height } = canvas.canvas;
  for (let x = -height; x < width; x += 14) {
    canvas.moveTo(x, 0);
    canvas.lineTo(x + height, height);
  }
  canvas.lineWidth = 1;
  canvas.stroke();
  canvas.restore();
  const top = shapeOf(footprint).rings.flat().reduce((a, b) => (b[1] > a[1] ? b : a));
  const [x, y] = on.camera.project(top[1], top[0]);
  on.label(x, y - 12, [t('filing.undrawn')], colour('--unknown'), 3);
}

/** A shape in words. */
export function said(footprint: Footprint, n: (key: string, blanks: Record<string, string | number>) => string): string {
  if (footprint.shape === 'disc') return n('filing.said-disc', { radius: distance(footprint.radius_mm / 1000) });
  if (footprint.shape === 'polygon') return n('filing.said-polygon', { n: footprint.outer.length });
  return n('filing.said-corridor', { n: footprint.line.length, width: distance(footprint.half_width_mm / 1000) });
}
