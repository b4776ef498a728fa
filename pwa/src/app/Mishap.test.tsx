// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';

import { Mishap } from './Mishap.tsx';
import { byId, show, text, words } from './screens/shown.tsx';

afterEach(() => {
  vi.useRealTimers();
});

function Broken(): never {
  throw new Error('on purpose');
}

test('what is whole is shown as it is', async () => {
  await show(<Mishap>lanterns</Mishap>);
  expect(byId('mishap')).toBeNull();
  expect(text()).toBe('lanterns');
});

test('an error is told to the child, and thrown once more for the console', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  await show(
    <Mishap>
      <Broken />
    </Mishap>,
  );
  expect(byId('mishap')!.textContent).toContain(words('mishap'));
  expect(() => vi.runAllTimers()).toThrow('on purpose');
});
