import { expect, test } from 'vitest';

const sheets = import.meta.glob<string>('../**/*.css', { query: '?raw', import: 'default', eager: true });
const css = Object.values(sheets).join('\n');

const endless = new Set([...css.matchAll(/animation: ([\w-]+)[^;]*\binfinite\b/g)].map(([, name]) => name!));

const keyframes = new Map([...css.matchAll(/@keyframes ([\w-]+) \{((?:[^{}]*\{[^{}]*\})+)/g)].map(([, name, body]) => [name!, body!]));

test('what moves without end moves on the compositor', () => {
  // Any other property makes the page style and paint every frame for as long as the screen is open.
  expect(endless.size).toBeGreaterThan(15);
  for (const name of endless) {
    const changed = [...keyframes.get(name)!.matchAll(/([\w-]+):/g)].map(([, property]) => property!);
    expect(changed, name).not.toEqual([]);
    expect(['transform', 'opacity', 'filter'], name).toEqual(expect.arrayContaining(changed));
  }
});
