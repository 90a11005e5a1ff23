import { address } from '../../lib/url.svelte';
import type { View } from '../registry';
import Review from './Review.svelte';

const open = (): void => address.set({ work: 'review', front: 'map' });

export default {
  panels: [{ id: 'review', words: 'review.title', component: Review, place: 'work', order: 72, needs: 'read' }],
  commands: [{ words: 'review.title', run: open, needs: 'read' }],
} satisfies View;
