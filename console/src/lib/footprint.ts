// A footprint has no name of its own among the node's records: it is one of three.
import type { Corridor, Disc, Polygon } from './types';

export type Footprint = Polygon | Disc | Corridor;
