// The one way to ask the node. What goes wrong is a value; nothing here throws.
import type { Api, Code, Problem } from './types';

/** A refusal of the node's, or why it could not be asked. `status` 0: nobody answered. */
export type Failure = Omit<Problem, 'code'> & { code: Code | 'unreachable' | 'unreadable' };
export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Failure };

type What = keyof Api;
type PathNames<K extends string> = K extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;
export type Asking<K extends What> = {
  path?: Record<PathNames<K>, string | number>;
  query?: Api[K]['query'];
  body?: Api[K]['body'];
  signal?: AbortSignal;
  timeoutMs?: number;
};

/** Longer than any turn of a node that works; a node that needs longer is not there for us. */
const TIMEOUT_MS = 15_000;

let language = 'en';
let onSignedOut: () => void = () => undefined;

/** In which language sentences are wanted from now on. */
export function speak(lang: string): void {
  language = lang;
}

/** What happens when the node says that nobody is signed in. */
export function whenSignedOut(run: () => void): void {
  onSignedOut = run;
}

/** One endpoint of the API: `call('GET /v1/lines/{line}/asks', { path: { line } })`. */
export function call<K extends What>(
  what: K,
  asking: Asking<K> = {},
): Promise<Answer<Api[K]['answer']>> {
  const space = what.indexOf(' ');
  const method = what.slice(0, space);
  const names: Partial<Record<string, string | number>> = asking.path ?? {};
  const path = what.slice(space + 1).replace(/\{(\w+)\}/g, (_, name: string) => {
    return encodeURIComponent(String(names[name] ?? ''));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asking.query ?? {})) {
    if (typeof value === 'string') query.set(name, value);
  }
  const tail = query.size > 0 ? `?${query.toString()}` : '';
  return send<Api[K]['answer']>(method, path + tail, asking.body ?? undefined, asking);
}

/** The same for what the table of endpoints does not hold, such as files. */
export async function send<T>(
  method: string,
  path: string,
  body?: unknown,
  asking: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<Answer<T>> {
  const stop = AbortSignal.timeout(asking.timeoutMs ?? TIMEOUT_MS);
  const headers: Record<string, string> = { 'Accept-Language': language };
  if (method !== 'GET') headers['X-Clearline-Console'] = '1';
  const raw = body instanceof Blob || body instanceof ArrayBuffer || body instanceof FormData;
  if (body !== undefined && !raw) headers['Content-Type'] = 'application/json';
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : raw ? (body as BodyInit) : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: asking.signal ? AbortSignal.any([stop, asking.signal]) : stop,
    });
    text = await response.text();
  } catch (error) {
    return { ok: false, problem: failure('unreachable', 0, String(error)) };
  }
  if (response.status === 401 && !path.startsWith('/v1/session')) onSignedOut();
  try {
    const value: unknown = text === '' ? null : JSON.parse(text);
    if (response.ok) return { ok: true, value: value as T };
    return { ok: false, problem: { ...failure('unreadable', response.status, ''), ...(value as Failure) } };
  } catch {
    return { ok: false, problem: failure('unreadable', response.status, text.slice(0, 200)) };
  }
}

function failure(code: 'unreachable' | 'unreadable', status: number, detail: string): Failure {
  return { type: 'about:blank', title: code, status, detail, code, clause: '', pointer: '', params: {} };
}

/** An id for a write: the same id with the same content gives the same answer, however often. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `c-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
