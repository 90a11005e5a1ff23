import { may } from '../../lib/may';
import { store } from '../../lib/store.svelte';
import { address } from '../../lib/url.svelte';
import type { View } from '../registry';
import Handover from './Handover.svelte';

const open = (): void => address.set({ work: 'handover' });

export default {
  panels: [
    {
      id: 'handover', words: 'handover.title', component: Handover, place: 'work', order: 20,
      needs: 'handover',
      count: () => store.lines.reduce((n, book) => n + (book.handover?.given.length ?? 0), 0),
    },
  ],
  keys: [{ key: 'h', words: 'handover.title', run: open, when: () => may('handover') }],
  commands: [{ words: 'handover.title', run: open, needs: 'handover', key: 'h' }],
} satisfies View;
