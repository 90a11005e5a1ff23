// How lengths, heights, speeds and places are shown: by choice, with the unit and the reference
// always beside the number. ASCII digits, whatever the language.
import { mgrs } from './mgrs';
import { settings, type Places } from './settings.svelte';
import type { Height, LatLon, Range } from './types';

const FOOT_M = 0.3048;
const NM_M = 1852;
const LEVEL_MM = 30_480;
/** Spaced, so that numbers of one length have one width. */
const THIN = '\u202f';

function grouped(n: number): string {
  return Math.round(n).toString().replace(/\B(?=(\d{3})+$)/g, THIN);
}

/** A height above something, by choice in feet or metres, without its reference. */
export function metres(m: number): string {
  return settings.now.heights === 'ft' ? `${grouped(m / FOOT_M)} ft` : `${grouped(m)} m`;
}

/** A height with what it is measured from: FL150, 3 000 ft AMSL, SFC, UNL. */
export function height(of: Height): string {
  if (of.mm === undefined || of.mm === null) return of.ref;
  if (of.ref === 'FL') {
    const level = of.mm / LEVEL_MM;
    return `FL${Number.isInteger(level) ? String(level).padStart(3, '0') : level.toFixed(1)}`;
  }
  return `${metres(of.mm / 1000)} ${of.ref}`;
}

/** FL100 – FL200 */
export function band(lower: Height, upper: Height): string {
  return `${height(lower)} – ${height(upper)}`;
}

/** A length over ground. */
export function distance(m: number): string {
  if (settings.now.lengths === 'nm') {
    const nm = m / NM_M;
    return nm < 0.1 ? `${grouped(m)} m` : `${nm < 10 ? nm.toFixed(2) : nm.toFixed(1)} NM`;
  }
  return m < 1000 ? `${grouped(m)} m` : `${(m / 1000).toFixed(m < 10_000 ? 2 : 1)} km`;
}

/** Both, as they are told over the radio: 1 200 m / 3 937 ft. */
export function bothHeights(m: number): string {
  return `${grouped(m)} m / ${grouped(m / FOOT_M)} ft`;
}

/** Speed over ground. */
export function speed(mps: number): string {
  return settings.now.speeds === 'kt' ? `${Math.round((mps * 3600) / NM_M)} kt` : `${Math.round(mps * 3.6)} km/h`;
}

/** A closed interval that holds the true value: 120 to 340 m; ? where there is no bound. */
export function range(of: Range | null, say: (n: number) => string): string {
  if (of === null) return '–';
  if (of.low === null && of.high === null) return '?';
  if (of.low === null) return `≤ ${say(of.high ?? 0)}`;
  if (of.high === null) return `≥ ${say(of.low)}`;
  const [low, high] = [say(of.low), say(of.high)];
  return low === high ? low : `${low} – ${high}`;
}

/** True bearing: 007°T */
export function bearing(deg: number): string {
  return `${String(Math.round(((deg % 360) + 360) % 360) % 360).padStart(3, '0')}°T`;
}

export function degrees(at: LatLon): [number, number] {
  return [at[0] / 1e7, at[1] / 1e7];
}

/** A place in a notation: the chosen one, unless another is named. */
export function place(lat: number, lon: number, as: Places = settings.now.places): string {
  switch (as) {
    case 'mgrs':
      return mgrs(lat, lon) || place(lat, lon, 'dec');
    case 'dec':
      return `${Math.abs(lat).toFixed(5)}°${lat < 0 ? 'S' : 'N'} ${Math.abs(lon).toFixed(5)}°${lon < 0 ? 'W' : 'E'}`;
    case 'ddm':
      return `${ddm(lat, 2)}${lat < 0 ? 'S' : 'N'} ${ddm(lon, 3)}${lon < 0 ? 'W' : 'E'}`;
    case 'dms':
      return `${dms(lat, 2)}${lat < 0 ? 'S' : 'N'} ${dms(lon, 3)}${lon < 0 ? 'W' : 'E'}`;
  }
}

/** Whole units are counted first, so that 59.9999' never reads 60'. */
function ddm(value: number, width: number): string {
  const thousandths = Math.round(Math.abs(value) * 60_000);
  const whole = Math.floor(thousandths / 60_000);
  const minutes = (thousandths % 60_000) / 1000;
  return `${String(whole).padStart(width, '0')}°${minutes.toFixed(3).padStart(6, '0')}′`;
}

function dms(value: number, width: number): string {
  const tenths = Math.round(Math.abs(value) * 36_000);
  const whole = Math.floor(tenths / 36_000);
  const minutes = Math.floor((tenths % 36_000) / 600);
  const seconds = (tenths % 600) / 10;
  return `${String(whole).padStart(width, '0')}°${String(minutes).padStart(2, '0')}′${seconds
    .toFixed(1)
    .padStart(4, '0')}″`;
}
