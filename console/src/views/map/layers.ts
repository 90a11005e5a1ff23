// What other views may draw on the map: a layer paints on the canvas in the order of its number.
import type { Camera } from './camera';

export type Painting = {
  canvas: CanvasRenderingContext2D;
  camera: Camera;
  /** UTC milliseconds that the picture is drawn for: the time bar's, else the node's now. */
  at: number;
  /** A colour of the theme by its property's name, such as `--hazard`. */
  colour: (name: string) => string;
  /** Nothing moves: only then there is time for what can be done without. */
  still: boolean;
  selected: (kind: string, id: string) => boolean;
  /** Ask for a label about a point: it is left out where one that weighs more stands. */
  label: (x: number, y: number, lines: string[], hue: string, weight: number) => void;
};

export type Hit = { kind: string; id: string; label: string };

export type MapLayer = {
  id: string;
  /** Id of its words, for the list of layers. */
  words: string;
  order: number;
  paint: (on: Painting) => void;
  /** What of it lies under a touch; asked after everything that is smaller. */
  hits?: (x: number, y: number, camera: Camera) => Hit[];
};
