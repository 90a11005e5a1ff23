// A place as a person types it, where the page must not wait for the node.
import type { LatLon } from './types';

const PART = String.raw`(\d{1,3}(?:[.]\d+)?)\s*[°ºd\s]?\s*(?:(\d{1,2}(?:[.]\d+)?)\s*['′m\s]?\s*(?:(\d{1,2}(?:[.]\d+)?)\s*["″s]?\s*)?)?`;
const WITH_SIDES = new RegExp(`^${PART}([NS])[\\s,;]*${PART}([EW])$`, 'i');
const SIDES_FIRST = new RegExp(`^([NS])\\s*${PART}[\\s,;]*([EW])\\s*${PART}$`, 'i');
const DECIMAL = /^([+-]?\d{1,2}\.\d+)\s*[,;\s]\s*([+-]?\d{1,3}\.\d+)$/;

function degrees(whole: string | undefined, minutes: string | undefined, seconds: string | undefined): number | null {
  const [d, m, s] = [Number(whole), Number(minutes ?? 0), Number(seconds ?? 0)];
  if (m >= 60 || s >= 60) return null;
  return d + m / 60 + s / 3600;
}

/** A place with its sides (35°12.3′N 034°05.0′E, N35 12 18 E034 05 00), or as decimals latitude
 * first. null: not read; nothing is guessed. */
export function placeOf(text: string): LatLon | null {
  const said = text.trim();
  const decimal = DECIMAL.exec(said);
  let lat: number | null = null;
  let lon: number | null = null;
  if (decimal !== null) [lat, lon] = [Number(decimal[1]), Number(decimal[2])];
  const behind = WITH_SIDES.exec(said);
  if (behind !== null) {
    lat = degrees(behind[1], behind[2], behind[3]);
    lon = degrees(behind[5], behind[6], behind[7]);
    if (lat !== null && /s/i.test(behind[4] ?? '')) lat = -lat;
    if (lon !== null && /w/i.test(behind[8] ?? '')) lon = -lon;
  }
  const before = SIDES_FIRST.exec(said);
  if (before !== null) {
    lat = degrees(before[2], before[3], before[4]);
    lon = degrees(before[6], before[7], before[8]);
    if (lat !== null && /s/i.test(before[1] ?? '')) lat = -lat;
    if (lon !== null && /w/i.test(before[5] ?? '')) lon = -lon;
  }
  if (lat === null || lon === null || Math.abs(lat) > 90 || Math.abs(lon) > 180) return null;
  return [Math.round(lat * 1e7), Math.round(lon * 1e7)];
}
