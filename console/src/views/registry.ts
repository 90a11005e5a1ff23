// What there is to see. A view is a folder with a `view.ts` that gives its parts; it is found by
// being there, so that no list has to be kept. Nothing else of a view is imported by another.
import type { Component } from 'svelte';
import type { Binding } from '../lib/keys';
import type { Action } from '../lib/types';
import type { MapLayer } from './map/layers';

/** A tab of the left list, or a sheet over the map. */
export type Panel = {
  id: string;
  /** Id of its title's words. */
  words: string;
  component: Component;
  /** `list`: a tab on the left. `work`: over the map, opened by name, with the list beside it. */
  place: 'list' | 'work';
  order: number;
  /** Not offered to who may not. */
  needs?: Action;
  /** A number beside the title; 0: none. */
  count?: () => number;
};

/** A section of what the right side shows of a selected thing of a kind, in the order of `order` (0
 * without one); the first one's words are the title. */
export type Detail = {
  kind: string;
  component: Component<{ id: string }>;
  words: string;
  order?: number;
  needs?: Action;
};

/** Something that always has its place: a banner, the emergency buttons, the time bar; what came of an
 * action, which takes its room from the list and lies over nothing. */
export type Bar = {
  place: 'top' | 'banner' | 'emergency' | 'time' | 'outcome' | 'overlay';
  component: Component;
  order: number;
};

/** Something that the palette offers. */
export type Command = { words: string; run: () => void; needs?: Action; key?: string };

export type View = {
  panels?: Panel[];
  details?: Detail[];
  bars?: Bar[];
  keys?: Binding[];
  commands?: Command[];
  layers?: MapLayer[];
};

const found = import.meta.glob<{ default: View }>('./*/view.ts', { eager: true });
const views = Object.keys(found)
  .sort()
  .flatMap((name) => found[name]?.default ?? []);

const byOrder = (a: { order: number }, b: { order: number }): number => a.order - b.order;
const all = <T>(of: (view: View) => T[] | undefined): T[] => views.flatMap((view) => of(view) ?? []);

export const panels = all((view) => view.panels).sort(byOrder);
export const details = all((view) => view.details).sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
export const bars = all((view) => view.bars).sort(byOrder);
export const keys = all((view) => view.keys);
export const commands = all((view) => view.commands);
export const layers = all((view) => view.layers);
