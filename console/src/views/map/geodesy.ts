// Geodesics on the WGS 84 ellipsoid by Vincenty's formulas (Survey Review 23/176, 1975): for drawing
// and for the ruler, to a millimetre. What is apart and what is not, the node alone says.
// Degrees and metres; bearings true, clockwise from north.

const A = 6378137;
const F = 1 / 298.257223563;
const B = A * (1 - F);
const RAD = Math.PI / 180;
const ROUNDS = 100;

export type LonLat = [lon: number, lat: number];

function series(u2: number): [a: number, b: number] {
  return [
    1 + (u2 / 16384) * (4096 + u2 * (-768 + u2 * (320 - 175 * u2))),
    (u2 / 1024) * (256 + u2 * (-128 + u2 * (74 - 47 * u2))),
  ];
}

function correction(b: number, sin: number, cos: number, cos2m: number): number {
  return (
    b * sin *
    (cos2m +
      (b / 4) *
        (cos * (-1 + 2 * cos2m ** 2) - (b / 6) * cos2m * (-3 + 4 * sin ** 2) * (-3 + 4 * cos2m ** 2)))
  );
}

/** From a place, along a bearing, so many metres: longitude (not wrapped) and latitude. */
export function direct(lat: number, lon: number, bearing: number, metres: number): LonLat {
  const [sinA, cosA] = [Math.sin(bearing * RAD), Math.cos(bearing * RAD)];
  const tanU = (1 - F) * Math.tan(lat * RAD);
  const cosU = 1 / Math.sqrt(1 + tanU * tanU);
  const sinU = tanU * cosU;
  const sigma1 = Math.atan2(tanU, cosA);
  const sinAlpha = cosU * sinA;
  const cos2Alpha = 1 - sinAlpha * sinAlpha;
  const [a, b] = series((cos2Alpha * (A * A - B * B)) / (B * B));
  let sigma = metres / (B * a);
  let [sin, cos, cos2m] = [0, 0, 0];
  for (let n = 0; n < ROUNDS; n++) {
    cos2m = Math.cos(2 * sigma1 + sigma);
    [sin, cos] = [Math.sin(sigma), Math.cos(sigma)];
    const next = metres / (B * a) + correction(b, sin, cos, cos2m);
    if (Math.abs(next - sigma) < 1e-12) break;
    sigma = next;
  }
  const t = sinU * sin - cosU * cos * cosA;
  const lat2 = Math.atan2(sinU * cos + cosU * sin * cosA, (1 - F) * Math.hypot(sinAlpha, t));
  const lambda = Math.atan2(sin * sinA, cosU * cos - sinU * sin * cosA);
  const c = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
  const l =
    lambda -
    (1 - c) * F * sinAlpha * (sigma + c * sin * (cos2m + c * cos * (-1 + 2 * cos2m ** 2)));
  return [lon + l / RAD, lat2 / RAD];
}

/** Metres between two places and the bearing at the first; null for places that lie so nearly
 * opposite each other that the formula does not settle. */
export function inverse(
  lat1: number, lon1: number, lat2: number, lon2: number,
): { metres: number; bearing: number } | null {
  const l = ((((lon2 - lon1 + 180) % 360) + 360) % 360 - 180) * RAD;
  const u1 = Math.atan((1 - F) * Math.tan(lat1 * RAD));
  const u2 = Math.atan((1 - F) * Math.tan(lat2 * RAD));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = l;
  for (let n = 0; n < ROUNDS; n++) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    const sin = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (sin === 0) return { metres: 0, bearing: 0 };
    const cos = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(sin, cos);
    const sinAlpha = (c1 * c2 * sl) / sin;
    const cos2Alpha = 1 - sinAlpha * sinAlpha;
    const cos2m = cos2Alpha < 1e-15 ? 0 : cos - (2 * s1 * s2) / cos2Alpha;
    const c = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
    const next =
      l + (1 - c) * F * sinAlpha * (sigma + c * sin * (cos2m + c * cos * (-1 + 2 * cos2m ** 2)));
    if (Math.abs(next - lambda) > 1e-12) {
      lambda = next;
      continue;
    }
    const [a, b] = series((cos2Alpha * (A * A - B * B)) / (B * B));
    const bearing = Math.atan2(c2 * sl, c1 * s2 - s1 * c2 * cl) / RAD;
    return { metres: B * a * (sigma - correction(b, sin, cos, cos2m)), bearing: (bearing + 360) % 360 };
  }
  return null;
}
