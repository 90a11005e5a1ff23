import { may } from '../../lib/may';
import { store } from '../../lib/store.svelte';
import { clock } from '../../lib/time.svelte';
import { address, select, selection } from '../../lib/url.svelte';
import type { View } from '../registry';
import { begin } from './begin.svelte';
import { draft } from './draft.svelte';
import { layer } from './drawing.svelte';
import Filing from './Filing.svelte';
import Movers from './Movers.svelte';
import Own from './Own.svelte';
import Seals from './Seals.svelte';

function file(): void {
  if (draft.now.amends !== null) draft.clear(draft.now.line);
  address.set({ work: null });
  select('draft', 'new');
}
const seals = (): void => address.set({ work: 'seals', front: 'map' });
/** Own seals whose time of opening has come. */
const due = (): number =>
  store.lines.flatMap((book) => (book.seals ?? []).filter((each) => each.party === book.view.me && each.opened === null && each.opens <= clock.now)).length;
const movers = (): void => {
  begin.wanted = true;
  address.set({ work: 'movers' });
};
/** The selected notice, if it is ours: among ours it can be ended. */
const own = (): void => {
  const chosen = selection();
  address.set({ work: 'own', own: chosen?.kind === 'notice' ? chosen.id : null });
};

export default {
  panels: [
    { id: 'own', words: 'filing.own', component: Own, place: 'work', order: 5 },
    { id: 'seals', words: 'seals.title', component: Seals, place: 'work', order: 8, needs: 'read', count: due },
    {
      id: 'movers', words: 'filing.movers', component: Movers, place: 'work', order: 15, needs: 'read',
      count: () => store.movers.length,
    },
  ],
  details: [{ kind: 'draft', component: Filing, words: 'filing.title' }],
  keys: [
    { key: 'n', words: 'filing.title', run: file, when: () => may('file') },
    { key: 'v', words: 'filing.movers', run: movers },
    { key: 'y', words: 'filing.own', run: own },
  ],
  commands: [
    { words: 'filing.title', run: file, needs: 'file', key: 'n' },
    { words: 'filing.own', run: own, key: 'y' },
    { words: 'filing.movers', run: movers, key: 'v' },
    { words: 'seals.title', run: seals, needs: 'read' },
  ],
  layers: [layer],
} satisfies View;
