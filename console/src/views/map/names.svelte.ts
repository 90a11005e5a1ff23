// Names that this deployment has given to places: its own words, in its own order, nothing added and
// nothing translated. They weigh less than anything that is notified: a name is left out before it
// lies on a label, and from far away only the first of them stand.
import { call } from '../../lib/api';
import { settings } from '../../lib/settings.svelte';
import type { NamedPlaceView } from '../../lib/types';
import type { Camera } from './camera';
import { paintsInSoftware } from './gpu';
import type { Hit, MapLayer } from './layers';
import { mapAsk } from './pen.svelte';
import { mapState } from './mapState.svelte';

const PAGE = 1000;
const HELD_MAX = 20_000;
const WEIGHT = -1;
const REACH_PX = 10;
/** Only this many are asked for, the larger places and those of our own first. */
const FAR = { zoom: 5.5, most: 15 };
const MIDDLE = { zoom: 8, most: 60 };
const NEAR_MOST = 200;

export type Named = { id: string; place: NamedPlaceView; lat: number; lon: number };

class Names {
  all = $state.raw<Named[]>([]);
  /** Those that a frame has asked a label for, where they lie: what can be touched. */
  asked: { named: Named; at: [number, number] }[] = [];
  #software: boolean | null = null;

  /** Read them. They change only when the node starts anew. */
  async load(): Promise<void> {
    const found: NamedPlaceView[] = [];
    while (found.length < HELD_MAX) {
      const page = await call('GET /v1/places', { query: { offset: String(found.length), limit: String(PAGE) } });
      if (!page.ok) return;
      found.push(...page.value);
      if (page.value.length < PAGE) break;
    }
    this.all = found
      .map((place, n): Named => ({ id: String(n), place, lat: place.at[0] / 1e7, lon: place.at[1] / 1e7 }))
      .sort((a, b) => Number(b.place.own) - Number(a.place.own) || b.place.radius_mm - a.place.radius_mm || Number(a.id) - Number(b.id));
    mapAsk.repaint();
  }

  /** Without a graphics processor a moving map has no time for them. */
  get lean(): boolean {
    this.#software ??= paintsInSoftware();
    return settings.now.lowPower || this.#software;
  }

  /** The first of those in sight, as many as the map takes from this height. */
  inSight(camera: Camera): { named: Named; at: [number, number] }[] {
    const most = camera.zoom < FAR.zoom ? FAR.most : camera.zoom < MIDDLE.zoom ? MIDDLE.most : NEAR_MOST;
    const found: { named: Named; at: [number, number] }[] = [];
    for (const named of this.all) {
      if (found.length >= most) break;
      const [x, y] = camera.project(named.lat, named.lon);
      if (x >= 0 && y >= 0 && x <= camera.width && y <= camera.height) found.push({ named, at: [x, y] });
    }
    return found;
  }
}

export const names = new Names();

export const layer: MapLayer = {
  id: 'names',
  words: 'map.names',
  order: 5,
  paint: (on) => {
    names.asked = mapState.choices.names && (on.still || !names.lean) ? names.inSight(on.camera) : [];
    for (const { named, at } of names.asked) {
      const chosen = on.selected('place', named.id);
      on.label(at[0], at[1], [named.place.names[0] ?? ''], on.colour('--text-soft'), chosen ? 3 : WEIGHT);
    }
  },
  hits: (x, y) =>
    names.asked
      .filter(({ at }) => Math.hypot(at[0] - x, at[1] - y) <= REACH_PX)
      .map(({ named }): Hit => ({ kind: 'place', id: named.id, label: named.place.names[0] ?? '' })),
};
