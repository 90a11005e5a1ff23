// Who is signed in here. The cookie is the node's; the page never holds a secret. All windows of a
// browser have one cookie: who signs in or out in one of them does so in all, and each says whose it is.
import { call, type Answer } from './api';
import type { SessionView } from './types';

const others = new BroadcastChannel('clearline.signed');

class Session {
  now = $state<SessionView | null>(null);
  /** Whether the node has been asked yet. */
  asked = $state(false);
  /** Why nobody is: the node's sentence, empty at the first visit. */
  why = $state('');
  /** Somebody was signed in here until a moment ago, and had not signed out here. */
  ended = $state(false);
  /** Who was signed in at this window before another signed in at the same browser; '' nobody. */
  before = $state('');
  /** Why the link that was opened let nobody in, while a sign-in of before holds; '' none was. */
  unlinked = $state('');

  constructor() {
    others.onmessage = () => void this.look();
  }

  /** Look again whose the cookie is by now: what this window shows must be in whose name it acts. */
  async look(): Promise<void> {
    const shown = this.now;
    const answer = await call('GET /v1/session');
    if (this.now !== shown) return;
    if (answer.ok) {
      if (shown !== null && shown.person !== answer.value.person) this.before = shown.person;
      this.#took(answer);
    } else if (answer.problem.status === 401) {
      this.ended ||= shown !== null;
      this.now = null;
    }
  }

  /** Whether the cookie of this browser still holds; null: the node could not be asked. */
  async resume(): Promise<Answer<SessionView>> {
    const answer = await call('GET /v1/session');
    this.#took(answer);
    this.asked = true;
    return answer;
  }

  /** With a one-time code, or a name and a password. */
  async enter(by: { link: string } | { person: string; password: string }): Promise<Answer<SessionView>> {
    const answer = await call('POST /v1/session', { body: by });
    this.#took(answer);
    this.asked = true;
    if (answer.ok) {
      [this.before, this.unlinked] = ['', ''];
      others.postMessage(null);
    }
    return answer;
  }

  async leave(): Promise<void> {
    await call('DELETE /v1/session');
    this.now = null;
    [this.why, this.ended, this.before, this.unlinked] = ['', false, '', ''];
    others.postMessage(null);
  }

  #took(answer: Answer<SessionView>): void {
    if (answer.ok) {
      this.now = answer.value;
      this.why = '';
      this.ended = false;
    } else if (answer.problem.status === 401 || answer.problem.status === 403) this.now = null;
  }
}

export const session = new Session();
