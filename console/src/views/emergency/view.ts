import { dialogs } from '../../lib/dialogs.svelte';
import { may } from '../../lib/may';
import type { View } from '../registry';
import Banner from './Banner.svelte';
import Buttons from './Buttons.svelte';
import Dialogs from './Dialogs.svelte';

const open = (name: string) => () => dialogs.open(name);
const when = () => may('emergency');

export default {
  bars: [
    { place: 'emergency', component: Buttons, order: 10 },
    { place: 'banner', component: Banner, order: 5 },
    { place: 'overlay', component: Dialogs, order: 30 },
  ],
  keys: [
    { key: 'x', words: 'emergency.key-stop', run: open('stop'), when, inDialogs: true },
    { key: 'd', words: 'emergency.key-distress', run: open('distress'), when, inDialogs: true },
    { key: 'shift+a', words: 'emergency.key-accident', run: open('accident'), when, inDialogs: true },
  ],
  commands: [
    { words: 'emergency.key-stop', run: open('stop'), needs: 'emergency', key: 'x' },
    { words: 'emergency.key-distress', run: open('distress'), needs: 'emergency', key: 'd' },
    { words: 'emergency.key-accident', run: open('accident'), needs: 'emergency', key: 'shift+a' },
  ],
} satisfies View;
