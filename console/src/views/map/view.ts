import type { View } from '../registry';
import InView from './InView.svelte';
import Mover from './Mover.svelte';
import NamedPlace from './NamedPlace.svelte';
import { layer } from './names.svelte';
import { toggleRuler } from './ruler';
import Track from './Track.svelte';

export default {
  panels: [{ id: 'inview', words: 'map.inview', component: InView, place: 'list', order: 90 }],
  details: [
    { kind: 'track', component: Track, words: 'map.track' },
    { kind: 'mover', component: Mover, words: 'map.mover' },
    { kind: 'place', component: NamedPlace, words: 'map.names' },
  ],
  keys: [{ key: 'g', words: 'map.ruler', run: toggleRuler }],
  commands: [{ words: 'map.ruler', run: toggleRuler, key: 'g' }],
  layers: [layer],
} satisfies View;
