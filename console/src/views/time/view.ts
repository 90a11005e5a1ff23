import { zTime } from '../../lib/time.svelte';
import { address } from '../../lib/url.svelte';
import { t, words } from '../../lib/words.svelte';
import type { Painting } from '../map/layers';
import type { View } from '../registry';
import NotNow from './NotNow.svelte';
import Profile from './Profile.svelte';
import { shown } from './shown.svelte';
import TimeBar from './TimeBar.svelte';

/** A replay has a slider of its own, and these keys while it is open. */
const when = (): boolean => address.get('work') !== 'replay';
const EDGE = 7;

/** The map itself says that it does not show now: who looks only at it must not be misled. */
function paintNotNow({ canvas, camera, at, colour }: Painting): void {
  if (shown.at === null) return;
  const hue = colour('--unknown');
  canvas.save();
  canvas.strokeStyle = hue;
  canvas.lineWidth = EDGE;
  canvas.setLineDash([22, 12]);
  canvas.strokeRect(EDGE / 2, EDGE / 2, camera.width - EDGE, camera.height - EDGE);
  canvas.setLineDash([]);
  canvas.font = '700 17px Console, sans-serif';
  canvas.direction = words.direction;
  canvas.textAlign = 'center';
  canvas.textBaseline = 'middle';
  const text = t('time.notnow', { time: zTime(at) });
  const wide = canvas.measureText(text).width + 24;
  const [x, y] = [camera.width / 2, camera.height - 52];
  canvas.fillStyle = colour('--panel');
  canvas.fillRect(x - wide / 2, y - 15, wide, 30);
  canvas.lineWidth = 2;
  canvas.strokeRect(x - wide / 2, y - 15, wide, 30);
  canvas.fillStyle = hue;
  canvas.fillText(text, x, y);
  canvas.restore();
}

export default {
  bars: [
    { place: 'time', component: TimeBar, order: 10 },
    { place: 'banner', component: NotNow, order: 40 },
  ],
  details: [{ kind: 'conflict', component: Profile, words: 'time.profile' }],
  layers: [{ id: 'notnow', words: 'time.layer', order: 100, paint: paintNotNow }],
  keys: [
    { key: '[', words: 'time.key-back', run: () => shown.step(-1), when },
    { key: ']', words: 'time.key-forward', run: () => shown.step(1), when },
    { key: '\\', words: 'time.key-now', run: () => shown.now(), when },
  ],
  commands: [
    { words: 'time.key-now', run: () => shown.now(), key: '\\' },
    { words: 'time.play', run: () => shown.play() },
  ],
} satisfies View;
