import { escalate, take, waysOut } from '../../lib/acts';
import { louder, unacknowledged } from '../../lib/alarms.svelte';
import { dialogs } from '../../lib/dialogs.svelte';
import { lists } from '../../lib/lists.svelte';
import { may } from '../../lib/may';
import { store } from '../../lib/store.svelte';
import { selectedAlert, selectedConflict } from '../../lib/subject';
import { address, select } from '../../lib/url.svelte';
import type { View } from '../registry';
import AlertDetail from './AlertDetail.svelte';
import Alarms from './Alarms.svelte';
import AskDetail from './AskDetail.svelte';
import ConflictDetail from './ConflictDetail.svelte';
import Conflicts from './Conflicts.svelte';
import Dialogs from './Dialogs.svelte';
import Inbox from './Inbox.svelte';
import NoticeDetail from './NoticeDetail.svelte';
import Said from './Said.svelte';
import Strip from './Strip.svelte';

const open = () => (store.alerts ?? []).filter(unacknowledged).sort(louder);
const mayTake = () => may('acknowledge') && selectedAlert() !== null;

/** With no alarm selected the loudest is: what is taken was on the screen before, and said whole. */
function takeSelected(): void {
  const alert = selectedAlert();
  if (alert === null) escort();
  else void take(alert);
}
const mayTakeOne = () => may('acknowledge') && (selectedAlert() !== null || open().length > 0);

function climb(): void {
  const alert = selectedAlert();
  if (alert !== null) void escalate(alert);
}

/** The next that nobody has in hand, after the one that is selected. */
function escort(): void {
  const alerts = open();
  const at = alerts.findIndex((each) => each.id === selectedAlert()?.id);
  const next = alerts[(at + 1) % Math.max(1, alerts.length)];
  if (next === undefined) return;
  address.set({ list: 'alerts', front: 'list' });
  select('alert', next.id);
}

const step = (by: number) => () => lists.step(by);

export default {
  panels: [
    { id: 'alerts', words: 'alerts.alarms', component: Alarms, place: 'list', order: 10, count: () => open().length + store.untakenLeft },
    {
      id: 'conflicts', words: 'alerts.conflicts', component: Conflicts, place: 'list', order: 20,
      count: () => store.conflicts.filter((each) => each.coordinated_until === null).length,
    },
    {
      id: 'inbox', words: 'alerts.inbox', component: Inbox, place: 'list', order: 30,
      count: () =>
        store.lines.reduce((n, book) => {
          const mine = (each: { unanswered: string[] }): boolean => each.unanswered.includes(book.view.me);
          return n + (book.notices ?? []).filter(mine).length + (book.asks ?? []).filter(mine).length;
        }, 0),
    },
  ],
  details: [
    { kind: 'alert', component: AlertDetail, words: 'alerts.alarm' },
    { kind: 'conflict', component: ConflictDetail, words: 'alerts.pair' },
    { kind: 'notice', component: NoticeDetail, words: 'alerts.notice' },
    { kind: 'ask', component: AskDetail, words: 'alerts.ask' },
  ],
  bars: [
    { place: 'banner', component: Strip, order: 10 },
    { place: 'overlay', component: Dialogs, order: 10 },
    { place: 'outcome', component: Said, order: 90 },
  ],
  keys: [
    { key: 'j', words: 'alerts.key-next', run: step(1) },
    { key: 'k', words: 'alerts.key-before', run: step(-1) },
    { key: 'arrowdown', words: 'alerts.key-next', run: step(1), when: inList },
    { key: 'arrowup', words: 'alerts.key-before', run: step(-1), when: inList },
    { key: 'a', words: 'alerts.key-take', run: takeSelected, when: mayTakeOne },
    { key: 'e', words: 'alerts.key-escalate', run: climb, when: mayTake },
    { key: 'z', words: 'alerts.key-silence', run: () => dialogs.open('silence', selectedAlert()?.id ?? ''), when: mayTake },
    { key: 'l', words: 'alerts.key-call', run: () => dialogs.open('call', selectedAlert()?.id ?? '') },
    { key: 'f', words: 'alerts.key-escort', run: escort },
    { key: 'p', words: 'alerts.key-ways', run: ways, when: () => selectedConflict() !== null },
  ],
  commands: [
    { words: 'alerts.key-escort', run: escort, key: 'f' },
    { words: 'alerts.key-call', run: () => dialogs.open('call', selectedAlert()?.id ?? ''), key: 'l' },
  ],
} satisfies View;

function ways(): void {
  const pair = selectedConflict();
  if (pair !== null) waysOut(pair);
}

/** Arrows go through the list while the list has the focus, or nothing has. */
function inList(): boolean {
  const focus = document.activeElement;
  return focus === null || focus === document.body || focus.closest('.list') !== null;
}
