import { may } from '../../lib/may';
import { store } from '../../lib/store.svelte';
import { openTelling, selectedDuty } from '../../lib/telling';
import { address } from '../../lib/url.svelte';
import type { View } from '../registry';
import { waiting } from './rows';
import Third from './Third.svelte';

const open = (): void => address.set({ work: 'third', third: null });
const tellFirst = (): void => openTelling(selectedDuty()?.first ?? null);

export default {
  panels: [
    {
      id: 'third', words: 'third.title', component: Third, place: 'work', order: 10,
      count: () => waiting(store.notices).length,
    },
  ],
  keys: [
    { key: 't', words: 'third.title', run: open },
    { key: 't', words: 'third.act', run: tellFirst, when: () => may('relay') && selectedDuty() !== null },
  ],
  commands: [{ words: 'third.title', run: open, key: 't' }],
} satisfies View;
