import { may } from '../../lib/may';
import { store } from '../../lib/store.svelte';
import { address } from '../../lib/url.svelte';
import type { View } from '../registry';
import LinePage from './LinePage.svelte';
import Messages from './Messages.svelte';

const open = (): void => address.set({ work: 'messages' });
const line = (): void => address.set({ work: 'line' });

export default {
  panels: [
    { id: 'messages', words: 'messages.title', component: Messages, place: 'work', order: 30 },
    {
      id: 'line', words: 'messages.line', component: LinePage, place: 'work', order: 40,
      count: () => store.lines.reduce((n, book) => n + book.view.suspended.length, 0),
    },
  ],
  keys: [{ key: 'm', words: 'messages.title', run: open, when: () => may('read') }],
  commands: [
    { words: 'messages.title', run: open, key: 'm' },
    { words: 'messages.line', run: line },
  ],
} satisfies View;
