import browserslist from 'browserslist';

/** The build's names for the families of .browserslistrc. Samsung Internet is a Chromium. */
const FAMILIES: Readonly<Record<string, string>> = {
  chrome: 'chrome',
  edge: 'edge',
  firefox: 'firefox',
  safari: 'safari',
  ios_saf: 'ios',
};

/** The oldest version of each family in .browserslistrc: ['chrome', 92]. */
export function oldestBrowsers(): [family: string, version: number][] {
  const oldest = new Map<string, number>();
  for (const browser of browserslist(undefined, { path: import.meta.dirname })) {
    const [family = '', version = ''] = browser.split(' ');
    oldest.set(family, Math.min(oldest.get(family) ?? Infinity, parseFloat(version)));
  }
  return [...oldest];
}

/** The same as Vite's build target, for scripts and styles. */
export function buildTarget(): string[] {
  return oldestBrowsers().flatMap(([family, version]) => (FAMILIES[family] ? `${FAMILIES[family]}${version}` : []));
}
