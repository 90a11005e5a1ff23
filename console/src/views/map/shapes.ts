// Footprints as rings to be drawn. Edges bend as the notice says that they do: a geodesic edge gets
// points until the straight pieces between them cannot be told from it on a screen.
// Longitudes run on past 180 degrees where a shape crosses it.
import type { Footprint } from '../../lib/footprint';
import type { Edge, LatLon } from '../../lib/types';
import { direct, inverse, type LonLat } from './geodesy';

/** A piece of a geodesic edge: its bulge beside the straight line stays below a hundred metres. */
const PIECE_M = 50_000;
const PIECES_MAX = 200;
const CIRCLE = 72;
/** Beyond this a mitred corner would reach far out; it is rounded. */
const TURN_MITRED = 20;

export type Ring = LonLat[];
/** Outer rings and holes, to be filled by the even-odd rule; `line`: the corridor's middle. */
export type Shape = { rings: Ring[]; line?: Ring; box: [west: number, south: number, east: number, north: number] };

export function shapeOf(footprint: Footprint): Shape {
  switch (footprint.shape) {
    case 'disc': {
      const [lat, lon] = [footprint.centre[0] / 1e7, footprint.centre[1] / 1e7];
      return withBox({ rings: [circle(lat, lon, footprint.radius_mm / 1000)] });
    }
    case 'polygon': {
      const outer = closed(footprint.outer, footprint.edge);
      const first = outer[0]?.[0] ?? 0;
      const holes = (footprint.holes ?? []).map((hole) => near(closed(hole, footprint.edge), first));
      return withBox({ rings: [outer, ...holes] });
    }
    case 'corridor': {
      const line = along(footprint.line, footprint.edge);
      return withBox({ rings: [buffer(line, footprint.half_width_mm / 1000)], line });
    }
  }
}

export function circle(lat: number, lon: number, metres: number, points = CIRCLE): Ring {
  return Array.from({ length: points }, (_, n) => direct(lat, lon, (n * 360) / points, metres));
}

function withBox(shape: Omit<Shape, 'box'>): Shape {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of shape.rings[0] ?? []) {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  return { ...shape, box: [west, south, east, north] };
}

function closed(points: LatLon[], edge: Edge): Ring {
  const first = points[0];
  if (first === undefined) return [];
  return along([...points, first], edge).slice(0, -1);
}

/** A chain of edges with the points between. */
function along(points: LatLon[], edge: Edge): Ring {
  const found: Ring = [];
  for (const [lat7, lon7] of points) {
    const [lat, lon] = [lat7 / 1e7, lon7 / 1e7];
    const last = found.at(-1);
    if (last === undefined) {
      found.push([lon, lat]);
      continue;
    }
    const next = lon + Math.round((last[0] - lon) / 360) * 360;
    found.push(...between(last, [next, lat], edge), [next, lat]);
  }
  return found;
}

function between(a: LonLat, b: LonLat, edge: Edge): Ring {
  if (edge === 'rhumb') return []; // straight in Mercator's projection
  const way = inverse(a[1], a[0], b[1], b[0]);
  if (way === null) return [];
  const pieces = Math.min(PIECES_MAX, Math.ceil(way.metres / PIECE_M));
  return Array.from({ length: Math.max(0, pieces - 1) }, (_, n): LonLat => {
    const part = (n + 1) / pieces;
    if (edge === 'lonlat') return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part];
    return direct(a[1], a[0], way.bearing, way.metres * part);
  });
}

/** The outline of all points within a length of a line: one side out, the other back. */
function buffer(line: Ring, metres: number): Ring {
  const first = line[0];
  if (first === undefined) return [];
  if (line.length < 2) return circle(first[1], first[0], metres);
  return [...side(line, metres), ...side([...line].reverse(), metres)];
}

/** The left side of a line, with the round end that it comes to. */
function side(line: Ring, metres: number): Ring {
  const found: Ring = [];
  let before: number | null = null;
  for (let n = 0; n + 1 < line.length; n++) {
    const [a, b] = [line[n], line[n + 1]];
    if (a === undefined || b === undefined) continue;
    const way = inverse(a[1], a[0], b[1], b[0]);
    const back = inverse(b[1], b[0], a[1], a[0]);
    if (way === null || back === null || way.metres === 0) continue;
    const turn = before === null ? 0 : ((way.bearing - before + 540) % 360) - 180;
    if (before !== null && turn > TURN_MITRED) found.push(...arc(a, before - 90, turn, metres));
    else found.push(direct(a[1], a[0], way.bearing - 90, metres));
    before = back.bearing + 180;
    found.push(direct(b[1], b[0], before - 90, metres));
  }
  const end = line.at(-1);
  if (end !== undefined && before !== null) found.push(...arc(end, before - 90, 180, metres));
  return found;
}

function arc(at: LonLat, from: number, turn: number, metres: number): Ring {
  const steps = Math.max(2, Math.ceil(turn / 10));
  return Array.from({ length: steps + 1 }, (_, n) => direct(at[1], at[0], from + (turn * n) / steps, metres));
}

function near(ring: Ring, lon: number): Ring {
  const turn = Math.round((lon - (ring[0]?.[0] ?? lon)) / 360) * 360;
  return ring.map(([x, y]) => [x + turn, y]);
}
