/** Short, soft, marimba-like sounds, synthesised. The game works without them. */

type Note = { hz: number; at?: number; seconds?: number; loud?: number; wave?: OscillatorType };

/** A major pentatonic scale, in semitones: a longer chain sounds higher, and any two notes fit. */
const SCALE = [0, 2, 4, 7, 9, 12, 14, 16, 19, 21, 24] as const;
const ROOT_HZ = 392;

const hz = (semitones: number) => ROOT_HZ * 2 ** (semitones / 12);

export interface Sounds {
  /** Something was done right; the longer the chain, the higher. */
  good(chain: number): void;
  /** Something that had to be left alone was. */
  patience(): void;
  /** Something was answered wrong: soft, never harsh. */
  oops(): void;
  /** A hit. */
  bump(): void;
  hop(): void;
  /** One tone, in semitones above the root, `at` seconds from now. */
  note(semitones: number, options?: { at?: number; seconds?: number; loud?: number }): void;
  count(last: boolean): void;
  finish(): void;
  /** A button was pressed. */
  tap(): void;
  close(): void;
}

/** Sounds for one game; `on` false gives silence. The audio starts with the first touch or key. */
export function makeSounds(on: boolean): Sounds {
  let context: AudioContext | null = null;
  let out: GainNode | null = null;

  const wake = () => {
    if (!on || context) return;
    try {
      context = new AudioContext({ latencyHint: 'interactive' });
      out = context.createGain();
      out.gain.value = 0.35;
      out.connect(context.destination);
    } catch {
      context = null; // No audio here: the game goes on without.
    }
  };
  window.addEventListener('pointerdown', wake);
  window.addEventListener('keydown', wake);
  if (navigator.userActivation?.hasBeenActive) wake();

  const play = (...notes: Note[]) => {
    if (!context || !out || context.state === 'closed') return;
    if (context.state === 'suspended') void context.resume();
    for (const { hz: pitch, at = 0, seconds = 0.28, loud = 0.6, wave = 'sine' } of notes) {
      const begin = context.currentTime + at;
      const tone = context.createOscillator();
      const bar = context.createOscillator();
      const volume = context.createGain();
      tone.type = wave;
      tone.frequency.value = pitch;
      // A marimba's bar rings two octaves above its tone, and only for a moment.
      bar.frequency.value = pitch * 4;
      const knock = context.createGain();
      knock.gain.setValueAtTime(0.22 * loud, begin);
      knock.gain.exponentialRampToValueAtTime(0.001, begin + 0.06);
      volume.gain.setValueAtTime(0.0001, begin);
      volume.gain.exponentialRampToValueAtTime(loud, begin + 0.008);
      volume.gain.exponentialRampToValueAtTime(0.001, begin + seconds);
      tone.connect(volume).connect(out);
      bar.connect(knock).connect(out);
      tone.start(begin);
      bar.start(begin);
      tone.stop(begin + seconds + 0.02);
      bar.stop(begin + 0.08);
    }
  };

  return {
    good: (chain) => play({ hz: hz(SCALE[Math.max(0, Math.min(chain, SCALE.length) - 1)] ?? 0) }),
    patience: () => play({ hz: hz(12), seconds: 0.5, loud: 0.3 }, { hz: hz(19), at: 0.09, seconds: 0.6, loud: 0.25 }),
    oops: () => play({ hz: hz(-5), seconds: 0.22 }, { hz: hz(-8), at: 0.1, seconds: 0.3 }),
    bump: () => play({ hz: hz(-17), seconds: 0.3, wave: 'triangle' }, { hz: hz(-18), at: 0.03, seconds: 0.3, loud: 0.4 }),
    hop: () => play({ hz: hz(-3), seconds: 0.12, loud: 0.25 }, { hz: hz(4), at: 0.05, seconds: 0.14, loud: 0.25 }),
    note: (semitones, { at = 0, seconds = 0.4, loud = 0.6 } = {}) => play({ hz: hz(semitones), at, seconds, loud }),
    count: (last) => play({ hz: hz(last ? 12 : 0), seconds: last ? 0.5 : 0.22 }),
    finish: () => play(...[0, 4, 7, 12, 16].map((note, index) => ({ hz: hz(note), at: index * 0.11, seconds: 0.5 }))),
    tap: () => play({ hz: hz(7), seconds: 0.09, loud: 0.3 }),
    close() {
      window.removeEventListener('pointerdown', wake);
      window.removeEventListener('keydown', wake);
      void context?.close().catch(() => undefined);
      context = null;
    },
  };
}

const nothing = () => undefined;

/** No sound. */
export const SILENT: Sounds = {
  good: nothing,
  patience: nothing,
  oops: nothing,
  bump: nothing,
  hop: nothing,
  note: nothing,
  count: nothing,
  finish: nothing,
  tap: nothing,
  close: nothing,
};
