import { address } from '../../lib/url.svelte';
import type { View } from '../registry';
import InView from './InView.svelte';
import Mover from './Mover.svelte';
import NamedPlace from './NamedPlace.svelte';
import { layer } from './names.svelte';
import { toggleRuler } from './ruler';
import Track from './Track.svelte';

const look = (side: string | null) => (): void => address.set({ lines: side });

export default {
  panels: [{ id: 'inview', words: 'map.inview', component: InView, place: 'list', order: 90 }],
  details: [
    { kind: 'track', component: Track, words: 'map.track' },
    { kind: 'mover', component: Mover, words: 'map.mover' },
    { kind: 'place', component: NamedPlace, words: 'map.names' },
  ],
  keys: [{ key: 'g', words: 'map.ruler', run: toggleRuler }],
  commands: [
    { words: 'map.ruler', run: toggleRuler, key: 'g' },
    { words: 'map.lines-both', run: look(null) },
    { words: 'map.lines-real', run: look('real') },
    { words: 'map.lines-exercise', run: look('exercise') },
  ],
  layers: [layer],
} satisfies View;
