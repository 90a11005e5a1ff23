// Which dialog is open: one at a time. It lies beside the page, never over the emergency buttons.

export type Open = { name: string; about: string };

class Dialogs {
  now = $state.raw<Open | null>(null);

  open(name: string, about = ''): void {
    this.now = { name, about };
  }

  close(): void {
    this.now = null;
  }
}

export const dialogs = new Dialogs();
