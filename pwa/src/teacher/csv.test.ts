import fc from 'fast-check';
import { expect, test } from 'vitest';

import { csvOf, fileName, formatOf, type Cell } from './csv.ts';

const ENGLISH = formatOf('en-US');
const PORTUGUESE = formatOf('pt-BR');

/** The cells of a CSV file, as a spreadsheet reads them. */
function cellsOf(text: string, separator: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  const whole = text.replace(/^\ufeff/, '');
  for (let at = 0; at < whole.length; at++) {
    const one = whole[at]!;
    if (quoted) {
      if (one !== '"') cell += one;
      else if (whole[at + 1] === '"') cell += whole[++at];
      else quoted = false;
    } else if (one === '"') quoted = true;
    else if (one === separator || one === '\n') {
      rows.at(-1)!.push(cell);
      cell = '';
      if (one === '\n') rows.push([]);
    } else if (one !== '\r') cell += one;
  }
  return rows.slice(0, -1);
}

const anyText = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', ',', ';', ' ', 'a', '1', '＝') }));

test('no text ever begins as a formula does, and every text comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyText, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }), fc.constantFrom(ENGLISH, PORTUGUESE), (rows, format) => {
      const read = cellsOf(csvOf(rows, format), format.separator);
      expect(read.map((row) => row.length)).toEqual(rows.map((row) => row.length));
      for (const [y, row] of read.entries()) {
        for (const [x, cell] of row.entries()) {
          expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]|^[\t\r]/);
          expect(cell.replace(/^'/, '')).toBe(rows[y]![x]!.replace(/^'/, ''));
        }
      }
    }),
  );
});

test('numbers are numbers, also those below zero, with the comma of the place', () => {
  const row: Cell[] = ['=1+1', -1.5, null, 1200];
  expect(csvOf([row], ENGLISH)).toBe("\ufeff'=1+1,-1.5,,1200\r\n");
  expect(csvOf([row], PORTUGUESE)).toBe("\ufeff'=1+1;-1,5;;1200\r\n");
});

test('a file is named by letters and digits alone, of any language', () => {
  expect(fileName(['5º B/turma', 'Crianças'])).toMatch(/^neuroplay-5º-B-turma-Crianças-\d{4}-\d\d-\d\d\.csv$/);
  expect(fileName(['../..', '一年'])).toMatch(/^neuroplay-一年-\d{4}-\d\d-\d\d\.csv$/);
});
