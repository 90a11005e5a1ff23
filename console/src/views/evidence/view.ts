import { address } from '../../lib/url.svelte';
import type { View } from '../registry';
import Evidence from './Evidence.svelte';

const open = (): void => address.set({ work: 'evidence' });

export default {
  panels: [{ id: 'evidence', words: 'evidence.title', component: Evidence, place: 'work', order: 70, needs: 'read' }],
  commands: [{ words: 'evidence.title', run: open, needs: 'read' }],
} satisfies View;
