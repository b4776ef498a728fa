/** Reads the QR code of a printed card with the camera, in browsers that can (BarcodeDetector). */

import { readCard } from './card.ts';
import type { Card } from './state.ts';

interface Detector {
  detect(picture: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

const EVERY_MS = 150;
const FORMAT = 'qr_code';

const detectorClass = () => (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;

/** Whether this browser can read QR codes with a camera. Without HTTPS there is no camera. */
export async function canScan(): Promise<boolean> {
  const cameras = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  if (!cameras) return false;
  try {
    return ((await detectorClass()?.getSupportedFormats()) ?? []).includes(FORMAT);
  } catch {
    return false;
  }
}

/** The card in the text of a QR code: the end of an address, or the codes alone. Null if it is none. */
export function cardIn(text: string): Card | null {
  const [, afterMark] = /#card=(.*)$/s.exec(text) ?? [];
  const codes = afterMark ?? text;
  // Any other address with as many letters would be a guess, and guesses are counted.
  return /^[\w\s-]+$/.test(codes) ? readCard(codes) : null;
}

/** Show the camera in `video` until a card is in the picture. Resolves with it; null once `signal` is
 * aborted. Rejects if there is no camera or it may not be used. Other codes are passed over. */
export async function scanCard(video: HTMLVideoElement, signal: AbortSignal): Promise<Card | null> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  try {
    if (signal.aborted) return null;
    video.srcObject = stream;
    await video.play();
    const detector = new (detectorClass()!)({ formats: [FORMAT] });
    while (!signal.aborted) {
      // A frame that cannot be read, such as one before the first, says nothing.
      const found = await detector.detect(video).catch(() => []);
      for (const { rawValue } of found) {
        const card = cardIn(rawValue);
        if (card) return card;
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    return null;
  } finally {
    stream.getTracks().forEach((track) => track.stop());
  }
}
