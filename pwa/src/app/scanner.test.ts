// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest';

import { canScan, cardIn, scanCard } from './scanner.ts';

const CARD = { classCode: 'ABCDE', cardCode: 'FGHJKMNPQR' };

/** A camera that shows these texts, one after another; the last for ever. */
function camera(shown: string[]) {
  const stop = vi.fn();
  const detect = vi.fn(async () => {
    const text = shown.length > 1 ? shown.shift()! : shown[0]!;
    if (text === 'blurred') throw new DOMException('no frame', 'InvalidStateError');
    return text === '' ? [] : [{ rawValue: text }];
  });
  vi.stubGlobal(
    'BarcodeDetector',
    class {
      static getSupportedFormats = async () => ['ean_13', 'qr_code'];
      detect = detect;
    },
  );
  const getUserMedia = vi.fn(async () => ({ getTracks: () => [{ stop }] }));
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia } });
  const video = { play: vi.fn(async () => undefined), srcObject: null } as unknown as HTMLVideoElement;
  return { stop, getUserMedia, video, detect };
}

afterEach(() => vi.unstubAllGlobals());

it('reads a card from the address in its QR code, or from the codes alone', () => {
  expect(cardIn('https://play.school/#card=ABCDE-FGHJKMNPQR')).toEqual(CARD);
  expect(cardIn('abcde fghjk-mnpqr')).toEqual(CARD);
  for (const other of ['', 'https://example.org/', '#card=', 'WIFI:S:school;;', 'x'.repeat(5_000), 'https://play.school/#card=ABCDE']) expect(cardIn(other)).toBeNull();
});

it('cannot scan without the detector, its QR codes or a camera', async () => {
  expect(await canScan()).toBe(false);
  camera(['']);
  expect(await canScan()).toBe(true);
  vi.stubGlobal('navigator', {});
  expect(await canScan()).toBe(false);
  vi.stubGlobal('navigator', { mediaDevices: {} });
  vi.stubGlobal('BarcodeDetector', { getSupportedFormats: () => Promise.reject(new Error('no service')) });
  expect(await canScan()).toBe(false);
});

it('looks until a card is there, passes over other codes, and turns the camera off', async () => {
  const { video, stop } = camera(['blurred', '', 'WIFI:S:school;;', 'https://play.school/#card=ABCDE-FGHJKMNPQR']);
  expect(await scanCard(video, new AbortController().signal)).toEqual(CARD);
  expect(stop).toHaveBeenCalledOnce();
});

it('turns the camera off when it is closed', async () => {
  const { video, stop, detect } = camera(['']);
  const closed = new AbortController();
  const scanned = scanCard(video, closed.signal);
  await vi.waitFor(() => expect(detect).toHaveBeenCalled());
  closed.abort();
  expect(await scanned).toBeNull();
  expect(stop).toHaveBeenCalledOnce();
});

it('rejects where the camera may not be used', async () => {
  const { video, getUserMedia } = camera(['']);
  getUserMedia.mockRejectedValue(new DOMException('no', 'NotAllowedError'));
  await expect(scanCard(video, new AbortController().signal)).rejects.toThrow('no');
});
