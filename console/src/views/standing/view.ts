import { address } from '../../lib/url.svelte';
import type { View } from '../registry';
import { agreed } from './agreed.svelte';
import { begin } from './begin';
import Detail from './Detail.svelte';
import { layer } from './layer';
import OfAlert from './OfAlert.svelte';
import Standing from './Standing.svelte';

const open = (): void => address.set({ work: 'standing', front: 'map' });

export default {
  panels: [
    {
      id: 'standing', words: 'standing.title', component: Standing, place: 'work', order: 12,
      needs: 'read', count: () => agreed.all.filter((row) => row.how === 'asked').length,
    },
  ],
  details: [
    { kind: 'standing', component: Detail, words: 'standing.title' },
    { kind: 'alert', component: OfAlert, words: 'standing.title', order: 20 },
  ],
  commands: [
    { words: 'standing.title', run: open, needs: 'read' },
    { words: 'standing.new', run: begin, needs: 'coordinate' },
  ],
  layers: [layer],
} satisfies View;
