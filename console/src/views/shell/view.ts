import type { View } from '../registry';
import Peer from './Peer.svelte';

export default { details: [{ kind: 'peer', component: Peer, words: 'shell.peer' }] } satisfies View;
