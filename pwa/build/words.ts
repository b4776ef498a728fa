import { runnerImport } from 'vite';

import table from '../../neuroplay/core/game_catalogue.json' with { type: 'json' };

type Words = Record<'boot_failed' | 'boot_again' | 'boot_no_script', string>;

const IN_BOOT = 'var WORDS = {};';
const IN_PAGE = '%NEEDS_JAVASCRIPT%';

/** The app's texts in each language of the catalogue, in its order. */
async function texts(): Promise<[language: string, words: Words][]> {
  return Promise.all(
    Object.keys(table.languages).map(async (id): Promise<[string, Words]> => {
      const file = new URL(`../src/i18n/${id.slice(0, 2)}.ts`, import.meta.url);
      const { module } = await runnerImport<{ default: Words }>(file.pathname, { configFile: false, logLevel: 'error' });
      return [id, module.default];
    }),
  );
}

/** boot.js with its texts in every language: two for each, the first language first. */
export async function withBootWords(boot: string): Promise<string> {
  if (!boot.includes(IN_BOOT)) throw new Error(`boot.js has no line "${IN_BOOT}"`);
  const words = (await texts()).map(([id, { boot_failed, boot_again }]) => [id, [boot_failed, boot_again]]);
  return boot.replace(IN_BOOT, () => `var WORDS = ${JSON.stringify(Object.fromEntries(words))};`);
}

/** index.html with its sentence for browsers without JavaScript, in every language. */
export async function withNoScript(page: string): Promise<string> {
  if (!page.includes(IN_PAGE)) throw new Error(`index.html has no ${IN_PAGE}`);
  return page.replace(IN_PAGE, (await texts()).map(([, words]) => words.boot_no_script).join(' '));
}
