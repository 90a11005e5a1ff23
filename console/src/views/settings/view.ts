import { kept } from '../../lib/saved.svelte';
import { session } from '../../lib/session.svelte';
import type { Theme } from '../../lib/settings.svelte';
import { address } from '../../lib/url.svelte';
import type { View } from '../registry';
import Settings from './Settings.svelte';

const theme = (next: Theme) => () => kept.choose({ theme: next });

export default {
  panels: [{ id: 'settings', words: 'settings.title', component: Settings, place: 'work', order: 95 }],
  commands: [
    { words: 'settings.title', run: () => address.set({ work: 'settings', front: 'map' }) },
    { words: 'settings.theme-day', run: theme('day') },
    { words: 'settings.theme-night', run: theme('night') },
    { words: 'settings.theme-red', run: theme('red') },
    { words: 'shell.leave', run: () => void session.leave() },
  ],
} satisfies View;
