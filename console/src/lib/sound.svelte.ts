// The sound of alarms. A browser lets nothing sound before a person's gesture: until the watch is
// armed the page says in red that it is deaf, and does not count as a desk that hears rings.
import type { Severity } from './types';

/** One tone: hertz, seconds, and the pause after it. */
type Tone = [hz: number, s: number, pause: number];
/** Distinct by rhythm and pitch, so that they are told apart without looking. */
const PATTERNS: Record<Severity | 'undetermined' | 'exercise' | 'pip', Tone[]> = {
  emergency: [[880, 0.18, 0.04], [660, 0.18, 0.04], [880, 0.18, 0.04], [660, 0.18, 0.04], [880, 0.3, 0.1]],
  alarm: [[740, 0.25, 0.12], [740, 0.25, 0.12], [740, 0.25, 0.12]],
  warning: [[560, 0.3, 0.2], [560, 0.3, 0.2]],
  undetermined: [[440, 0.2, 0.1], [523, 0.35, 0.1]],
  caution: [[440, 0.25, 0.1]],
  pip: [[1318, 0.06, 0.1]],
  exercise: [[330, 0.12, 0.08], [415, 0.12, 0.08], [494, 0.12, 0.08]],
};
export type Sounding = keyof typeof PATTERNS;

class Sound {
  armed = $state(false);
  #context: AudioContext | null = null;

  /** Called in a person's gesture. Gives whether it sounds. */
  async arm(): Promise<boolean> {
    try {
      this.#context ??= new AudioContext();
      await this.#context.resume();
      this.#context.onstatechange = () => {
        this.armed = this.#context?.state === 'running';
      };
      this.armed = this.#context.state === 'running';
    } catch {
      this.armed = false;
    }
    return this.armed;
  }

  async disarm(): Promise<void> {
    this.armed = false;
    await this.#context?.suspend();
  }

  /** Sound a pattern once, `after` seconds from now; `gain` 0 to 1. Gives how many seconds it lasts. */
  play(which: Sounding, gain: number, after = 0): number {
    const context = this.#context;
    if (context === null || !this.armed) return 0;
    let at = context.currentTime + 0.02 + after;
    const began = at;
    for (const [hz, s, pause] of PATTERNS[which]) {
      const tone = context.createOscillator();
      const level = context.createGain();
      tone.type = which === 'exercise' ? 'triangle' : 'square';
      tone.frequency.value = hz;
      level.gain.setValueAtTime(0, at);
      level.gain.linearRampToValueAtTime(gain * 0.5, at + 0.01);
      level.gain.setValueAtTime(gain * 0.5, at + s - 0.01);
      level.gain.linearRampToValueAtTime(0, at + s);
      tone.connect(level).connect(context.destination);
      tone.start(at);
      tone.stop(at + s);
      at += s + pause;
    }
    return at - began;
  }
}

export const sound = new Sound();
