// What other views may draw on the map: a layer paints on the canvas in the order of its number.
import type { Camera } from './camera';

export type Painting = {
  canvas: CanvasRenderingContext2D;
  camera: Camera;
  /** UTC milliseconds that the picture is drawn for: the time bar's, else the node's now. */
  at: number;
  /** A colour of the theme by its property's name, such as `--hazard`. */
  colour: (name: string) => string;
};

export type MapLayer = {
  id: string;
  /** Id of its words, for the list of layers. */
  words: string;
  order: number;
  paint: (on: Painting) => void;
};
