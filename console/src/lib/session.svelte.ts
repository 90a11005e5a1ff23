// Who is signed in here. The cookie is the node's; the page never holds a secret.
import { call, type Answer } from './api';
import type { SessionView } from './types';

class Session {
  now = $state<SessionView | null>(null);
  /** Whether the node has been asked yet. */
  asked = $state(false);
  /** Why nobody is: the node's sentence, empty at the first visit. */
  why = $state('');

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
    return answer;
  }

  async leave(): Promise<void> {
    await call('DELETE /v1/session');
    this.now = null;
    this.why = '';
  }

  /** The node no longer knows this session. */
  over(why: string): void {
    this.now = null;
    this.why = why;
  }

  #took(answer: Answer<SessionView>): void {
    if (answer.ok) {
      this.now = answer.value;
      this.why = '';
    } else if (answer.problem.status === 401 || answer.problem.status === 403) this.now = null;
  }
}

export const session = new Session();
