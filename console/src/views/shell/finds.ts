// What the palette finds: actions, sheets and lists, saved views, and everything on the line by name.
import { may } from '../../lib/may';
import { refText } from '../../lib/refs';
import { kept } from '../../lib/saved.svelte';
import { store } from '../../lib/store.svelte';
import { address } from '../../lib/url.svelte';
import { t } from '../../lib/words.svelte';
import { commands, panels } from '../registry';

export type Find = { id: string; label: string; kind: string; key: string; run: () => void };

const FOUND_MAX = 40;

function actions(): Find[] {
  const found: Find[] = [];
  for (const each of commands) {
    if (each.needs !== undefined && !may(each.needs)) continue;
    found.push({ id: `do:${each.words}`, label: t(each.words), kind: t('shell.todo'), key: each.key ?? '', run: each.run });
  }
  for (const panel of panels) {
    if ((panel.needs !== undefined && !may(panel.needs)) || commands.some((each) => each.words === panel.words)) continue;
    const to: Record<string, string> = panel.place === 'work' ? { work: panel.id, front: 'map' } : { list: panel.id, front: 'list' };
    found.push({ id: `go:${panel.id}`, label: t(panel.words), kind: t('shell.list'), key: '', run: () => address.set(to) });
  }
  for (const view of kept.views) {
    found.push({ id: `view:${view.name}`, label: view.name, kind: t('shell.view'), key: '', run: () => address.restore(view.query) });
  }
  return found;
}

function things(): Find[] {
  const thing = (kind: string, id: string, label: string, words: string): Find => ({
    id: `${kind}:${id}`, label, kind: t(words), key: '', run: () => address.set({ sel: `${kind}:${id}`, front: 'detail' }),
  });
  return [
    ...(store.alerts ?? []).map((each) => thing('alert', each.id, each.words, 'alerts.alarm')),
    ...store.conflicts.map((each) =>
      thing('conflict', each.uid, `${each.a_party} ${each.a_label} ⇄ ${each.b_party} ${each.b_label}`, 'alerts.pair'),
    ),
    ...store.notices.map((each) =>
      thing('notice', each.uid, `${each.party} ${each.label || each.cls_name} ${refText(each.ref)}`, 'alerts.notice'),
    ),
    ...store.lines.flatMap((book) =>
      book.view.peers.map((peer) => thing('peer', `${book.view.line}:${peer.party}`, `${peer.party} ${peer.name}`, 'shell.peer')),
    ),
    ...store.movers.map((each) => thing('mover', `${each.line}:${each.call_sign}`, each.call_sign, 'map.mover')),
    ...(store.live?.shown ?? []).map(({ seen, call_sign }) =>
      thing('track', `${seen.source}/${seen.id}`, call_sign || seen.call_sign?.trim() || seen.id, 'map.track'),
    ),
  ];
}

const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** What has every word of the text in its name; what begins with it first. Without a text: what can
 * be done. */
export function find(text: string): { found: Find[]; more: number } {
  const parts = plain(text).split(/\s+/).filter((part) => part !== '');
  if (parts.length === 0) return { found: actions(), more: 0 };
  const rank = (label: string): number => {
    const name = plain(label);
    if (!parts.every((part) => name.includes(part))) return -1;
    return name.startsWith(parts[0] ?? '') ? 0 : 1;
  };
  // Never what Enter does by chance.
  const last = (id: string): number => (id.startsWith('do:emergency.') ? 2 : 0);
  const hits = [...actions(), ...things()]
    .map((each) => ({ each, rank: rank(each.label), last: last(each.id) }))
    .filter((hit) => hit.rank >= 0)
    .sort((a, b) => a.rank + a.last - b.rank - b.last)
    .map((hit) => hit.each);
  const once = [...new Map(hits.map((each) => [each.id, each])).values()];
  return { found: once.slice(0, FOUND_MAX), more: Math.max(0, once.length - FOUND_MAX) };
}
