// Files that a person saves from the page or shows to it.

/** Hand a file to whoever looks at the page. */
export function save(text: string, name: string, type = 'application/json'): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A name that every system takes: letters of any script and digits, the rest as one hyphen. */
export function fileName(text: string, tail: string): string {
  const plain = text.normalize('NFC').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');
  return `${plain.slice(0, 60) || 'clearline'}${tail}`;
}

/** The text of the file that was chosen; null: none was, or it is too large to be what is meant. */
export async function chosenText(event: Event & { currentTarget: HTMLInputElement }, most: number): Promise<string | null> {
  const file = event.currentTarget.files?.[0];
  return file === undefined || file.size > most ? null : file.text();
}
