import { address } from '../../lib/url.svelte';
import type { View } from '../registry';
import Times from './Times.svelte';

const open = (): void => address.set({ work: 'times', front: 'map' });

export default {
  panels: [{ id: 'times', words: 'times.title', component: Times, place: 'work', order: 65, needs: 'read' }],
  commands: [{ words: 'times.title', run: open, needs: 'read' }],
} satisfies View;
