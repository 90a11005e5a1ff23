// Where the map looks: Web Mercator, so that bearings are true on the screen and north is up.
// Places in degrees (WGS 84), screen in CSS pixels from the upper left.

const TILE = 256;
const LAT_MAX = 85.05;
const ZOOM_MIN = 1;
const ZOOM_MAX = 19;
const EARTH_M = 40_075_016.686;
const RAD = Math.PI / 180;

export type Point = [x: number, y: number];

/** 0 to 1 from north to south. */
export function mercatorY(lat: number): number {
  const clipped = Math.max(-LAT_MAX, Math.min(LAT_MAX, lat)) * RAD;
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + clipped / 2)) / (2 * Math.PI);
}

export class Camera {
  lat = 34.5;
  lon = 36;
  zoom = 6;
  width = 1;
  height = 1;

  /** Pixels round the world. */
  get world(): number {
    return TILE * 2 ** this.zoom;
  }

  /** A place on the screen; of its copies round the world the one nearest the middle. */
  project(lat: number, lon: number): Point {
    const turn = Math.round((this.lon - lon) / 360) * 360;
    return this.projectFlat(lat, lon + turn);
  }

  /** The same, of a longitude that may run past 180° as a shape does that crosses it. */
  projectFlat(lat: number, lon: number): Point {
    return [
      this.width / 2 + ((lon - this.lon) / 360) * this.world,
      this.height / 2 + (mercatorY(lat) - mercatorY(this.lat)) * this.world,
    ];
  }

  /** The place under a point of the screen: latitude, longitude. */
  unproject(x: number, y: number): [number, number] {
    const north = mercatorY(this.lat) + (y - this.height / 2) / this.world;
    const lat = (2 * Math.atan(Math.exp((0.5 - north) * 2 * Math.PI)) - Math.PI / 2) / RAD;
    const lon = this.lon + ((x - this.width / 2) / this.world) * 360;
    return [Math.max(-90, Math.min(90, lat)), ((((lon + 180) % 360) + 360) % 360) - 180];
  }

  /** Metres that a pixel is at a latitude. */
  metresPerPixel(lat = this.lat): number {
    return (EARTH_M * Math.cos(lat * RAD)) / this.world;
  }

  look(lat: number, lon: number, zoom = this.zoom): void {
    this.lat = Math.max(-LAT_MAX, Math.min(LAT_MAX, lat));
    this.lon = ((((lon + 180) % 360) + 360) % 360) - 180;
    this.zoom = Math.max(ZOOM_MIN, Math.min(ZOOM_MAX, zoom));
  }

  panBy(dx: number, dy: number): void {
    const [lat, lon] = this.unproject(this.width / 2 + dx, this.height / 2 + dy);
    this.look(lat, lon);
  }

  /** Nearer or farther, with the place under a point staying there. */
  zoomAbout(x: number, y: number, by: number): void {
    const [lat, lon] = this.unproject(x, y);
    this.look(this.lat, this.lon, this.zoom + by);
    const [nx, ny] = this.project(lat, lon);
    this.panBy(nx - x, ny - y);
  }

  /** Look at a box of latitudes and longitudes, with a margin. */
  fit(south: number, west: number, north: number, east: number, margin = 60): void {
    const wide = Math.max(1e-6, (east - west) / 360);
    const high = Math.max(1e-6, mercatorY(south) - mercatorY(north));
    const room = [Math.max(50, this.width - 2 * margin), Math.max(50, this.height - 2 * margin)];
    const zoom = Math.log2(Math.min((room[0] ?? 1) / wide, (room[1] ?? 1) / high) / TILE);
    const middle = (mercatorY(south) + mercatorY(north)) / 2;
    const lat = (2 * Math.atan(Math.exp((0.5 - middle) * 2 * Math.PI)) - Math.PI / 2) / RAD;
    this.look(lat, (west + east) / 2, Math.min(13, zoom));
  }

  /** `lat,lon,zoom` for the address. */
  text(): string {
    return `${this.lat.toFixed(4)},${this.lon.toFixed(4)},${this.zoom.toFixed(2)}`;
  }

  /** What `text` wrote; whether it could be read. */
  read(text: string | null): boolean {
    const found = (text ?? '').split(',').map(Number);
    if (found.length !== 3 || !found.every(Number.isFinite)) return false;
    this.look(found[0] ?? 0, found[1] ?? 0, found[2] ?? 5);
    return true;
  }
}
