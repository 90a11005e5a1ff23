import { address } from '../../lib/url.svelte';
import type { View } from '../registry';
import { player } from './player.svelte';
import Replay from './Replay.svelte';

const open = (): void => address.set({ work: 'replay' });
const when = (): boolean => address.get('work') === 'replay';

export default {
  panels: [{ id: 'replay', words: 'replay.title', component: Replay, place: 'work', order: 80 }],
  keys: [
    { key: '[', words: 'replay.key-before', run: () => player.step(-1), when },
    { key: ']', words: 'replay.key-next', run: () => player.step(1), when },
    { key: '\\', words: 'replay.key-first', run: () => player.first(), when },
  ],
  commands: [{ words: 'replay.title', run: open }],
} satisfies View;
