/** Class and card codes, as typed, pasted or scanned. */

export const CLASS_LENGTH = 5;
export const CARD_LENGTH = 10;

/** Crockford base32: no I, L, O (they look like 1 and 0) and no U. */
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const LOOKALIKES: Record<string, string> = { O: '0', I: '1', L: '1' };

/** Normalise to Crockford base32: upper case, O to 0, I and L to 1, anything else dropped. */
export function normalise(text: string): string {
  return [...text.toUpperCase()]
    .map((letter) => LOOKALIKES[letter] ?? letter)
    .filter((letter) => ALPHABET.includes(letter))
    .join('');
}

/** Parse "CLASS-CARD", with any separators; null if it is not a card. */
export function readCard(text: string): { classCode: string; cardCode: string } | null {
  const letters = normalise(text);
  if (letters.length !== CLASS_LENGTH + CARD_LENGTH) return null;
  return { classCode: letters.slice(0, CLASS_LENGTH), cardCode: letters.slice(CLASS_LENGTH) };
}
