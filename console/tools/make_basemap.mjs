// Makes public/basemap.json from the public-domain world-atlas (Natural Earth, 1:50 million): land as
// rings, borders between countries as lines, nothing named. Run by hand: npm run basemap.
// Numbers: hundredths of a degree, each point the difference from the one before, lon then lat.
import { readFileSync, writeFileSync } from 'node:fs';
import { feature, mesh } from 'topojson-client';

const atlas = JSON.parse(readFileSync('node_modules/world-atlas/countries-50m.json', 'utf8'));
const STEP = 100;

function packed(line) {
  const found = [];
  let [x, y] = [0, 0];
  for (const [lon, lat] of line) {
    const [nx, ny] = [Math.round(lon * STEP), Math.round(lat * STEP)];
    if (found.length > 0 && nx === x && ny === y) continue;
    found.push(nx - x, ny - y);
    [x, y] = [nx, ny];
  }
  return found;
}

const land = feature(atlas, atlas.objects.land);
const rings = (land.type === 'FeatureCollection' ? land.features : [land])
  .flatMap((each) => (each.geometry.type === 'Polygon' ? [each.geometry.coordinates] : each.geometry.coordinates))
  .flat()
  .map(packed)
  .filter((ring) => ring.length >= 8);
const borders = mesh(atlas, atlas.objects.countries, (a, b) => a !== b)
  .coordinates.map(packed)
  .filter((line) => line.length >= 4);
const text = JSON.stringify({ step: STEP, land: rings, borders });
writeFileSync('public/basemap.json', `${text}\n`);
const points = (lines) => lines.reduce((n, line) => n + line.length / 2, 0);
console.log(`${rings.length} rings of ${points(rings)} points, ${borders.length} borders of ${points(borders)}, ${text.length} bytes`);
