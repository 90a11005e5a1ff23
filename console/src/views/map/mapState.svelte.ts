// What the map shares with its lists: choices of what is shown, and what is in view.
import type { Choices } from './painter';

export type Row = { kind: string; id: string; label: string; what: string; badges: string[]; idle?: boolean };

class MapState {
  choices = $state<Choices>({ leaders: 2, trails: true, labels: true, zones: true, names: true });
  inView = $state.raw<Row[]>([]);
  /** How many more there are than the list holds. */
  more = $state(0);
  /** Frames painted, and how long the last one took: for those who measure. */
  frames = 0;
  frameMs = 0;
}

export const mapState = new MapState();
