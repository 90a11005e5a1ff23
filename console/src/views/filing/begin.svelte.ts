// Who opens a form by its key types at once: on a page whose keys are single letters, a call sign
// typed beside its field would be taken for answers.

class Begin {
  wanted = $state(false);
}

export const begin = new Begin();
