// Who has the pen: a tool that takes what is touched on the map, such as the ruler or drawing. One at
// a time; without one, touches select. Moving the map goes on working beside it.
import type { Painting } from './layers';

export type Touch = { lat: number; lon: number; x: number; y: number; shift: boolean; touch: boolean };

export type Tool = {
  id: string;
  /** Id of the words that say what to do now. */
  words: string;
  /** A place was touched without dragging. */
  click?: (at: Touch) => void;
  /** Two touches in quick succession, or Enter. */
  finish?: () => void;
  /** The pointer moves, pressed or not. */
  move?: (at: Touch) => void;
  /** A drag begins here: true takes it (a corner is moved), else the map moves. */
  grab?: (at: Touch) => boolean;
  drag?: (at: Touch) => void;
  drop?: () => void;
  /** Backspace: the last point is taken back. */
  undo?: () => void;
  /** Escape, or another tool takes over. */
  cancel?: () => void;
  paint?: (on: Painting) => void;
  /** What it shows now, in words and numbers, beside what to do. */
  say?: () => string;
};

class Pen {
  tool = $state.raw<Tool | null>(null);

  take(tool: Tool): void {
    if (this.tool !== null && this.tool.id !== tool.id) this.tool.cancel?.();
    this.tool = tool;
  }

  release(id: string): void {
    if (this.tool?.id === id) this.tool = null;
  }
}

export const pen = new Pen();

/** What others ask of the map: to be painted again, to look somewhere. */
class MapAsk {
  /** Counted up when something that a layer or tool paints has changed. */
  turn = $state(0);
  /** A box to look at: west, south, east, north. */
  box = $state.raw<[number, number, number, number] | null>(null);

  repaint(): void {
    this.turn += 1;
  }

  lookAt(west: number, south: number, east: number, north: number): void {
    this.box = [west, south, east, north];
  }
}

export const mapAsk = new MapAsk();
