import { answer } from '../../lib/acts';
import { dialogs } from '../../lib/dialogs.svelte';
import { may } from '../../lib/may';
import { repliesTo, selectedConflict, subject } from '../../lib/subject';
import type { Reply } from '../../lib/types';
import type { View } from '../registry';
import AnswerBar from './AnswerBar.svelte';
import Dialogs from './Dialogs.svelte';

/** Whether what is selected can be answered so, by the one who is signed in. */
function fits(reply: Reply): () => boolean {
  return () => {
    const to = may('answer') ? subject() : null;
    return to !== null && repliesTo(to).includes(reply);
  };
}

function reply(said: Reply): () => void {
  return () => {
    const to = subject();
    if (to !== null) void answer(to, said);
  };
}

const ask = (name: string) => () => dialogs.open(name);

function coordinate(): void {
  const pair = selectedConflict();
  if (pair !== null) dialogs.open('coordinate', pair.uid);
}

export default {
  details: (['alert', 'conflict', 'notice', 'ask'] as const).map((kind) => ({
    kind, component: AnswerBar, words: 'answers.title', order: 100, needs: 'answer' as const,
  })),
  bars: [{ place: 'overlay', component: Dialogs, order: 20 }],
  keys: [
    { key: 'r', words: 'answers.key-roger', run: reply('ROGER'), when: fits('ROGER') },
    { key: 'b', words: 'answers.key-read-back', run: ask('read-back'), when: fits('READ-BACK') },
    { key: 'w', words: 'answers.key-wilco', run: reply('WILCO'), when: fits('WILCO') },
    { key: 'u', words: 'answers.key-unable', run: ask('unable'), when: fits('UNABLE') },
    { key: 's', words: 'answers.key-standby', run: reply('STANDBY'), when: fits('STANDBY') },
    { key: 'o', words: 'answers.key-object', run: ask('object'), when: fits('OBJECT') },
    { key: 'c', words: 'answers.key-coordinate', run: coordinate, when: () => may('coordinate') && selectedConflict() !== null },
  ],
} satisfies View;
