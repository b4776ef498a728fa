/** Speaks instructions, for children who do not read yet. Only voices that are on the device are
 * used: others would send the text to a server, and are silent offline. */

import type { Language } from '../../i18n/text.ts';

// Chrome has no voices until it has been asked for them once.
synthesis()?.getVoices();

/** Slower than the default, for young ears. */
const RATE = 0.9;

/** Speak `text`, instead of what is being spoken. Silent without a voice. */
export function speak(text: string, language: Language): void {
  const voice = voiceOf(language);
  if (!voice) return;
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.voice = voice;
  utterance.lang = voice.lang;
  utterance.rate = RATE;
  speechSynthesis.cancel();
  speechSynthesis.speak(utterance);
}

export function hush(): void {
  synthesis()?.cancel();
}

function voiceOf(language: Language): SpeechSynthesisVoice | undefined {
  const local = (synthesis()?.getVoices() ?? []).filter(({ localService }) => localService);
  const tagOf = ({ lang }: SpeechSynthesisVoice) => lang.replace('_', '-').toLowerCase();
  const wanted = language.toLowerCase();
  return local.find((one) => tagOf(one) === wanted) ?? local.find((one) => tagOf(one).split('-')[0] === wanted.split('-')[0]);
}

function synthesis(): SpeechSynthesis | undefined {
  return (globalThis as { speechSynthesis?: SpeechSynthesis }).speechSynthesis;
}
