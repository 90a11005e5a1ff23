// The word over the map, so that a picture of it alone cannot be taken for the real thing. Beside what
// is real it stands on each shape of the exercise instead: over all it would cover the real ones.
import { store } from '../../lib/store.svelte';
import { t } from '../../lib/words.svelte';
import type { MapLayer } from '../map/layers';

const STEP_PX = 340;

export const drillLayer: MapLayer = {
  id: 'drill', words: 'shell.exercise', order: 100,
  paint({ canvas: on, camera, colour }) {
    if (!store.onlyExercise) return;
    on.save();
    on.globalAlpha = 0.3;
    on.fillStyle = colour('--exercise');
    on.font = '700 34px Console, sans-serif';
    on.textAlign = 'center';
    on.textBaseline = 'middle';
    for (let y = STEP_PX / 2; y < camera.height + STEP_PX / 2; y += STEP_PX) {
      for (let x = STEP_PX / 2; x < camera.width + STEP_PX / 2; x += STEP_PX) {
        on.save();
        on.translate(x, y);
        on.rotate(-Math.PI / 8);
        on.fillText(t('shell.exercise'), 0, 0);
        on.restore();
      }
    }
    on.restore();
  },
};
