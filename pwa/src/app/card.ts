/** Codes as they are typed, pasted or scanned. */

export const CLASS_LENGTH = 5;
export const CARD_LENGTH = 10;

/** Crockford base32: no I, L, O (they look like 1 and 0) and no U. */
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const LOOKALIKES: Record<string, string> = { O: '0', I: '1', L: '1' };

/** Crockford base32 as printed: upper case, O is 0, I and L are 1, all else left out. */
export function normalise(text: string): string {
  return [...text.toUpperCase()]
    .map((letter) => LOOKALIKES[letter] ?? letter)
    .filter((letter) => ALPHABET.includes(letter))
    .join('');
}

/** "CLASS-CARD", in one piece or in groups; null where it is no card. */
export function readCard(text: string): { classCode: string; cardCode: string } | null {
  const letters = normalise(text);
  if (letters.length !== CLASS_LENGTH + CARD_LENGTH) return null;
  return { classCode: letters.slice(0, CLASS_LENGTH), cardCode: letters.slice(CLASS_LENGTH) };
}
