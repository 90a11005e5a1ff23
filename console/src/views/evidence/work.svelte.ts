// Bundles are made and judged by the node, outside of its own loop; a file that is looked at here goes
// to this node alone and is kept by nobody.
import { call, type Failure } from '../../lib/api';
import type { EvidenceView } from '../../lib/types';
import { words } from '../../lib/words.svelte';
import type { Compared, Verified } from './report';

/** A line of a hundred thousand entries takes the node minutes. */
const PATIENCE_MS = 300_000;

export type Judged =
  | { sort: 'verified'; name: string; told: Verified; view: EvidenceView }
  | { sort: 'compared'; name: string; told: Compared; view: EvidenceView };

class Work {
  busy = $state<'' | 'export' | 'verify' | 'compare'>('');
  failed = $state('');
  judged = $state.raw<Judged | null>(null);
  made = $state.raw<File | null>(null);

  /** The line's bundle; null: the node refused, `failed` says why. */
  async export(line: string, query: Record<string, string>): Promise<File | null> {
    this.#begin('export');
    const tail = new URLSearchParams(query).toString();
    const path = `/v1/lines/${encodeURIComponent(line)}/evidence${tail === '' ? '' : `?${tail}`}`;
    try {
      const answer = await fetch(path, {
        headers: { 'Accept-Language': words.lang }, credentials: 'same-origin', cache: 'no-store',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (!answer.ok) {
        const problem = (await answer.json()) as Failure;
        return this.#fail(problem.detail);
      }
      const name = /filename="?([^";]+)/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1];
      this.made = new File([await answer.blob()], name ?? 'record.clb', { type: 'application/octet-stream' });
      this.busy = '';
      return this.made;
    } catch (error) {
      return this.#fail(String(error));
    }
  }

  async verify(file: File, line: string): Promise<void> {
    this.#begin('verify');
    const answer = await call('POST /v1/evidence/verify', {
      body: raw([file]), query: line === '' ? {} : { line }, timeoutMs: PATIENCE_MS,
    });
    this.busy = '';
    if (!answer.ok) this.#fail(answer.problem.detail);
    else this.judged = { sort: 'verified', name: file.name, told: answer.value.result as Verified, view: answer.value };
  }

  async compare(left: File, right: File, line: string, at: number | null): Promise<void> {
    this.#begin('compare');
    const answer = await call('POST /v1/evidence/compare', {
      body: raw([left, right]), timeoutMs: PATIENCE_MS,
      query: { left: String(left.size), ...(line === '' ? {} : { line }), ...(at === null ? {} : { at: String(at) }) },
    });
    this.busy = '';
    if (!answer.ok) this.#fail(answer.problem.detail);
    else {
      this.judged = {
        sort: 'compared', name: `${left.name} · ${right.name}`, told: answer.value.result as Compared, view: answer.value,
      };
    }
  }

  #begin(what: 'export' | 'verify' | 'compare'): void {
    this.busy = what;
    this.failed = '';
    if (what !== 'export') this.judged = null;
  }

  #fail(why: string): null {
    this.busy = '';
    this.failed = why;
    return null;
  }
}

export const work = new Work();

function raw(parts: Blob[]): Blob {
  return new Blob(parts, { type: 'application/octet-stream' });
}

/** Hand a file to whoever looks at the page. */
export function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** `2026-11-22T18:41` or `18:41` of today as UTC milliseconds; null: it is none. */
export function zInput(text: string, today: string): number | null {
  const found = /^(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d):?(\d\d)(?::(\d\d))?Z?$/i.exec(text.trim());
  if (found === null) return null;
  const at = Date.parse(`${found[1] ?? today}T${found[2]}:${found[3]}:${found[4] ?? '00'}Z`);
  return Number.isNaN(at) ? null : at;
}
