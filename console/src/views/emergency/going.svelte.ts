// A cry that was sent before the page knew a line is not lost: it goes the moment one is known.
import { untrack } from 'svelte';
import { store } from '../../lib/store.svelte';

/** Of one dialog, made while it is set up. */
export class Going {
  /** The line that it goes to; '' while none is known. */
  line = $state('');
  /** Said, and waiting for a line. */
  waits = $state(false);

  constructor(line: string, send: () => void) {
    this.line = line;
    $effect(() => {
      if (this.line === '') this.line = store.lines[0]?.view.line ?? '';
    });
    $effect(() => {
      if (!this.waits || this.line === '') return;
      this.waits = false;
      untrack(send);
    });
  }

  /** The form was sent. */
  submit = (event: SubmitEvent): void => {
    event.preventDefault();
    this.waits = true;
  };
}
