// What an item of the handover is about, where a detail of it can be opened.
import { refText } from '../../lib/refs';
import { store } from '../../lib/store.svelte';

export function subjectOf(item: string): { kind: string; id: string } | null {
  const at = item.indexOf(':');
  const [kind, id] = [item.slice(0, at), item.slice(at + 1)];
  if (kind === 'alert') return { kind, id };
  if (kind !== 'notice') return null;
  const notice = store.notices.find((each) => each.own && refText(each.ref) === id);
  return notice === undefined ? null : { kind, id: notice.uid };
}
