// Hands on the map: drag, pinch, wheel, touch. A touch that does not move is a click; a drag moves
// the map unless a tool takes it.
import type { Camera } from './camera';
import type { Touch } from './pen.svelte';

/** A finger in a glove trembles so far. */
const STEADY_PX = { mouse: 4, touch: 12 };
const TWICE_MS = 350;
const TWICE_PX = 24;

export type Heard = {
  moved: () => void;
  click: (at: Touch) => void;
  finish: () => void;
  hover: (at: Touch) => void;
  grab: (at: Touch) => boolean;
  drag: (at: Touch) => void;
  drop: () => void;
};

export class Gestures {
  readonly #down = new Map<number, { x: number; y: number }>();
  readonly #quiet = new AbortController();
  #began: { x: number; y: number } | null = null;
  #still = true;
  #grabbed = false;
  #clicked = { at: 0, x: 0, y: 0 };

  constructor(
    readonly host: HTMLElement,
    readonly camera: Camera,
    readonly heard: Heard,
  ) {
    const on = { signal: this.#quiet.signal };
    host.addEventListener('pointerdown', (event) => this.#press(event), on);
    host.addEventListener('pointermove', (event) => this.#move(event), on);
    host.addEventListener('pointerup', (event) => this.#lift(event, true), on);
    host.addEventListener('pointercancel', (event) => this.#lift(event, false), on);
    host.addEventListener('wheel', (event) => this.#wheel(event), { ...on, passive: false });
  }

  stop(): void {
    this.#quiet.abort();
  }

  #spot(event: PointerEvent | WheelEvent): Touch {
    const box = this.host.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const [lat, lon] = this.camera.unproject(x, y);
    const touch = event instanceof PointerEvent && event.pointerType !== 'mouse';
    return { lat, lon, x, y, shift: event.shiftKey, touch };
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    const spot = this.#spot(event);
    this.host.setPointerCapture(event.pointerId);
    this.#down.set(event.pointerId, { x: spot.x, y: spot.y });
    if (this.#down.size === 1) {
      this.#began = { x: spot.x, y: spot.y };
      this.#still = true;
      this.#grabbed = this.heard.grab(spot);
    } else this.#still = false;
  }

  #move(event: PointerEvent): void {
    const spot = this.#spot(event);
    const held = this.#down.get(event.pointerId);
    this.heard.hover(spot);
    if (held === undefined) return;
    if (this.#began !== null && this.#still) {
      const far = Math.hypot(spot.x - this.#began.x, spot.y - this.#began.y);
      if (far <= (spot.touch ? STEADY_PX.touch : STEADY_PX.mouse)) return;
      this.#still = false;
    }
    if (this.#down.size === 1 && this.#grabbed) this.heard.drag(spot);
    else if (this.#down.size === 1) {
      this.camera.panBy(held.x - spot.x, held.y - spot.y);
      this.heard.moved();
    } else if (this.#down.size === 2) this.#pinch(event.pointerId, held, spot);
    this.#down.set(event.pointerId, { x: spot.x, y: spot.y });
  }

  #pinch(id: number, from: { x: number; y: number }, to: Touch): void {
    const other = [...this.#down].find(([each]) => each !== id)?.[1];
    if (other === undefined) return;
    const before = Math.hypot(from.x - other.x, from.y - other.y);
    const after = Math.hypot(to.x - other.x, to.y - other.y);
    if (before > 10 && after > 10) this.camera.zoomAbout(other.x, other.y, Math.log2(after / before));
    this.heard.moved();
  }

  #lift(event: PointerEvent, whole: boolean): void {
    if (!this.#down.delete(event.pointerId) || this.#down.size > 0) return;
    if (this.#grabbed) this.heard.drop();
    if (whole && this.#still) {
      // Two touches at two places are two corners, however quick.
      const { at, x, y } = this.#clicked;
      const near = Math.hypot(event.clientX - x, event.clientY - y) < TWICE_PX;
      const twice = near && event.timeStamp - at < TWICE_MS;
      this.#clicked = { at: twice ? 0 : event.timeStamp, x: event.clientX, y: event.clientY };
      if (twice) this.heard.finish();
      else this.heard.click(this.#spot(event));
    }
    this.#grabbed = false;
    this.#began = null;
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const spot = this.#spot(event);
    const lines = event.deltaMode === 1 ? 20 : 1;
    this.camera.zoomAbout(spot.x, spot.y, Math.max(-1, Math.min(1, (-event.deltaY * lines) / 300)));
    this.heard.moved();
  }
}
