// MGRS of a position, WGS 84: for showing. Reading is the node's (it knows the ambiguities).
// Transverse Mercator by Krüger's series to the third order: within a centimetre in a UTM zone.

const A = 6378137;
const F = 1 / 298.257223563;
const N = F / (2 - F);
const AA = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
const ALPHA = [
  N / 2 - (2 * N ** 2) / 3 + (5 * N ** 3) / 16,
  (13 * N ** 2) / 48 - (3 * N ** 3) / 5,
  (61 * N ** 3) / 240,
];
const K0 = 0.9996;
const BANDS = 'CDEFGHJKLMNPQRSTUVWX';
const COLUMNS = ['ABCDEFGH', 'JKLMNPQR', 'STUVWXYZ'];
const ROWS = ['ABCDEFGHJKLMNPQRSTUV', 'FGHJKLMNPQRSTUVABCDE'];

function zoneOf(lat: number, lon: number): number {
  if (lat >= 56 && lat < 64 && lon >= 3 && lon < 12) return 32;
  if (lat >= 72 && lon >= 0 && lon < 42) return lon < 9 ? 31 : lon < 21 ? 33 : lon < 33 ? 35 : 37;
  return (Math.floor((lon + 180) / 6) % 60) + 1;
}

/** Easting and northing in metres, as UTM counts them. */
function utm(lat: number, lon: number, zone: number): [number, number] {
  const rad = Math.PI / 180;
  const phi = lat * rad;
  const lam = (lon - (zone * 6 - 183)) * rad;
  const e = (2 * Math.sqrt(N)) / (1 + N);
  const tau = Math.sinh(Math.atanh(Math.sin(phi)) - e * Math.atanh(e * Math.sin(phi)));
  const xi = Math.atan2(tau, Math.cos(lam));
  const eta = Math.atanh(Math.sin(lam) / Math.sqrt(1 + tau * tau));
  let x = eta;
  let y = xi;
  ALPHA.forEach((alpha, i) => {
    const j = 2 * (i + 1);
    x += alpha * Math.cos(j * xi) * Math.sinh(j * eta);
    y += alpha * Math.sin(j * xi) * Math.cosh(j * eta);
  });
  return [500000 + K0 * AA * x, (lat < 0 ? 10000000 : 0) + K0 * AA * y];
}

/** 37S BV 12345 67890, with `digits` each way (1 to 5); empty beyond 84 N and 80 S. */
export function mgrs(lat: number, lon: number, digits = 4): string {
  if (!(lat >= -80 && lat <= 84)) return '';
  const wrapped = ((((lon + 180) % 360) + 360) % 360) - 180;
  const zone = zoneOf(lat, wrapped);
  const [east, north] = utm(lat, wrapped, zone);
  const band = BANDS[Math.min(19, Math.floor((lat + 80) / 8))] ?? '';
  const column = COLUMNS[(zone - 1) % 3]?.[Math.floor(east / 100000) - 1] ?? '';
  const row = ROWS[(zone - 1) % 2]?.[Math.floor(north / 100000) % 20] ?? '';
  const cut = (metres: number): string =>
    String(Math.floor((metres % 100000) / 10 ** (5 - digits))).padStart(digits, '0');
  return `${zone}${band} ${column}${row} ${cut(east)} ${cut(north)}`;
}
