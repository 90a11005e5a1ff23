import { dialogs } from '../../lib/dialogs.svelte';
import type { View } from '../registry';
import Peer from './Peer.svelte';
import Sheets from './Sheets.svelte';

const sheet = (): void => dialogs.open('keys');

export default {
  details: [{ kind: 'peer', component: Peer, words: 'shell.peer' }],
  bars: [{ place: 'overlay', component: Sheets, order: 50 }],
  keys: [
    { key: '?', words: 'shell.keysheet', run: sheet },
    { key: 'ctrl+k', words: 'shell.palette', run: () => dialogs.open('palette') },
  ],
  commands: [{ words: 'shell.keysheet', run: sheet, key: '?' }],
} satisfies View;
