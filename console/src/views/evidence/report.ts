// What `clearline evidence verify --json` and `compare --json` say: the node hands it on as it is, so
// that its record has no type of the API's. Only what is shown here is named.

export type Finding = { level: 'wrong' | 'unknown' | 'note'; code: string; clause: string; sentence: string; reason: string };
type Told = { says: string[]; line: string; exercise: boolean; exit: number; findings: Finding[] };

export type Receipt = { party: string; by: string; t: string; grade: string };
export type Said = {
  entry: string; kind: string; says: string; t: string; t_grade: string;
  received: string | null; received_grade: string; receipts: Receipt[];
};
export type Verified = Told & {
  grades: Record<string, string>; maker: string; made: string;
  steps: { number: number; title: string; wrong: number; unknown: number; result: string }[];
  feeds: { feed: string; size: number; shown: number; withheld: { first: number; count: number; why: string }[]; good: boolean }[];
  events: Said[];
  alerts: { id: string; kind: string; about: string[]; raised: string; presented: string | null; taken: string | null; taken_role: string | null; grade: string }[];
};

export type Row = {
  entry: string; kind: string; says: string; t: string;
  left_received: string | null; right_received: string | null;
  left_holds: boolean; right_holds: boolean;
  left_signed_by: string | null; right_signed_by: string | null;
  proved_after_row_above: boolean;
};
export type Compared = Told & {
  left: string; right: string; of_left: Finding[]; of_right: Finding[];
  feeds: { feed: string; left: number; right: number; common: number }[];
  claims: { subject: string; left: string; right: string; agree: boolean }[];
  rows: Row[];
  knew: { party: string; at: string; signed: string[]; own_word: string[] }[];
  forks: { feed: string }[];
};

/** Whose record an entry stands in. */
export function authorOf(entry: string): string {
  return entry.slice(0, entry.lastIndexOf('.'));
}

/** What the exit of the command says. */
export const VERDICTS: Record<number, 'whole' | 'wrong' | 'part'> = { 0: 'whole', 1: 'wrong', 3: 'part' };
