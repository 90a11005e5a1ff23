import { dialogs } from '../../lib/dialogs.svelte';
import { filter } from '../../lib/filter.svelte';
import { kept } from '../../lib/saved.svelte';
import { settings } from '../../lib/settings.svelte';
import { address } from '../../lib/url.svelte';
import type { View } from '../registry';
import Drill from './Drill.svelte';
import { drillLayer } from './drillLayer';
import FilterStrip from './FilterStrip.svelte';
import Peer from './Peer.svelte';
import Sheets from './Sheets.svelte';

const sheet = (): void => dialogs.open('keys');

function filtering(): void {
  if (settings.now.wall) kept.choose({ wall: false });
  address.set({ work: null, front: 'list' });
  filter.ask();
}

export default {
  details: [{ kind: 'peer', component: Peer, words: 'shell.peer' }],
  bars: [
    { place: 'banner', component: Drill, order: 0 },
    { place: 'banner', component: FilterStrip, order: 50 },
    { place: 'overlay', component: Sheets, order: 50 },
  ],
  layers: [drillLayer],
  keys: [
    { key: '?', words: 'shell.keysheet', run: sheet },
    { key: '/', words: 'shell.filter', run: filtering },
    { key: 'ctrl+k', words: 'shell.palette', run: () => dialogs.open('palette') },
  ],
  commands: [
    { words: 'shell.keysheet', run: sheet, key: '?' },
    { words: 'shell.filter', run: filtering, key: '/' },
    { words: 'shell.wall', run: () => kept.choose({ wall: !settings.now.wall }) },
  ],
} satisfies View;
