import { store } from '../../lib/store.svelte';
import { address } from '../../lib/url.svelte';
import type { View } from '../registry';
import { waiting } from './rows';
import Third from './Third.svelte';

const open = (): void => address.set({ work: 'third' });

export default {
  panels: [
    {
      id: 'third', words: 'third.title', component: Third, place: 'work', order: 10,
      count: () => waiting(store.notices).length,
    },
  ],
  keys: [{ key: 't', words: 'third.title', run: open }],
  commands: [{ words: 'third.title', run: open, key: 't' }],
} satisfies View;
