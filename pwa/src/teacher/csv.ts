/** Tables as CSV files that spreadsheets open as they should. */

export type Cell = string | number | null;

/** What a spreadsheet would take for a formula, also in full-width characters. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r]/;

export interface Format {
  /** Where the comma is in numbers, spreadsheets expect ';' between cells. */
  separator: ',' | ';';
  decimal: '.' | ',';
}

export function formatOf(locale: string): Format {
  const comma = new Intl.NumberFormat(locale).format(1.5).includes(',');
  return comma ? { separator: ';', decimal: ',' } : { separator: ',', decimal: '.' };
}

/** Begins with a BOM, without which Excel reads letters with accents wrong. */
export function csvOf(rows: readonly (readonly Cell[])[], format: Format): string {
  const lines = rows.map((row) => row.map((cell) => written(cell, format)).join(format.separator));
  return `\ufeff${lines.join('\r\n')}\r\n`;
}

function written(cell: Cell, { separator, decimal }: Format): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell).replace('.', decimal);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /["\r\n\t]/.test(text) || text.includes(separator) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** Such as `neuroplay-3A-Children-2026-11-29.csv`: letters and digits of its parts, and today. */
export function fileName(parts: readonly string[]): string {
  const words = parts.flatMap((part) => part.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []);
  return `${['neuroplay', ...words, new Date().toLocaleDateString('sv')].join('-')}.csv`;
}

/** Let the browser save a file. */
export function save({ name, content }: { name: string; content: Blob }): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
