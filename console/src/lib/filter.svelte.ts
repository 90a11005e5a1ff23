// What is shown of all that is notified, by a person's choice. It stands in the address, hides nothing
// that somebody may be hurt by, and says how much it hides.
import type { On } from './store.svelte';
import type { Height, NoticeView } from './types';
import { refText } from './refs';
import { address } from './url.svelte';

const NAMES = ['q', 'party', 'cls', 'low', 'high'] as const;
const TEXT_MAX = 200;
const LEVEL_M = 30.48;
/** Heights above different things are compared so roughly here that nothing near is hidden. */
const MARGIN_M = 600;
const GROUND_M_MAX = 9_000;
const NEVER_HIDDEN = new Set(['CONFLICT', 'UNDETERMINED', 'EXPOSED', 'COULD NOT READ']);

type Shows = (notice: On<NoticeView>) => boolean;

class Filter {
  /** Whether anything is filtered at all. */
  readonly on = $derived(NAMES.some((name) => address.get(name) !== null));
  /** The text as a pattern: `/between slashes/` it is a regular expression; null: it is none. */
  readonly pattern = $derived(patternOf(address.get('q') ?? ''));
  readonly shows = $derived(this.#made());

  clear(): void {
    address.set({ q: null, party: null, cls: null, low: null, high: null });
  }

  #made(): Shows {
    const [party, cls] = [address.get('party'), address.get('cls')];
    const [low, high] = [levelOf(address.get('low')), levelOf(address.get('high'))];
    const pattern = this.pattern;
    return (notice) => {
      if (notice.badges.some((badge) => NEVER_HIDDEN.has(badge))) return true;
      if (party !== null && notice.party !== party) return false;
      if (cls !== null && notice.cls !== cls) return false;
      if (pattern !== null && !pattern.test(textOf(notice))) return false;
      if (low === null && high === null) return true;
      return notice.volumes.length === 0 || notice.volumes.some(
        (volume) => bottom(volume.lower) <= (high ?? Infinity) && top(volume.upper) >= (low ?? -Infinity),
      );
    };
  }
}

function textOf(notice: NoticeView): string {
  return [notice.label, notice.party, notice.cls_name, refText(notice.ref), notice.key ?? '', notice.remark?.text ?? ''].join('\n');
}

/** null for no text and for a pattern that cannot be read, which then filters nothing. */
function patternOf(text: string): RegExp | null {
  const cut = text.slice(0, TEXT_MAX);
  if (cut === '') return null;
  const written = /^\/(.+)\/$/.exec(cut);
  try {
    return new RegExp(written?.[1] ?? cut.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'iu');
  } catch {
    return null;
  }
}

function levelOf(text: string | null): number | null {
  const level = Number(text);
  return text === null || !Number.isFinite(level) ? null : level * LEVEL_M;
}

function bottom(of: Height): number {
  if (of.mm === undefined || of.mm === null) return of.ref === 'UNL' ? Infinity : -Infinity;
  return of.mm / 1000 - MARGIN_M;
}

function top(of: Height): number {
  if (of.mm === undefined || of.mm === null) return of.ref === 'SFC' ? GROUND_M_MAX : Infinity;
  return of.mm / 1000 + MARGIN_M + (of.ref === 'AGL' ? GROUND_M_MAX : 0);
}

export const filter = new Filter();
