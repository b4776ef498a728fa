import { readFileSync } from 'node:fs';

import bcd, { type CompatStatement, type Identifier, type SimpleSupportStatement } from '@mdn/browser-compat-data' with { type: 'json' };
import postcss from 'postcss';
import ts from 'typescript';

import { oldestBrowsers } from './engines.ts';

/** MDN's names for the families of .browserslistrc. */
const FAMILIES = {
  chrome: 'chrome',
  edge: 'edge',
  samsung: 'samsunginternet_android',
  firefox: 'firefox',
  safari: 'safari',
  ios_saf: 'safari_ios',
} as const;

/** The oldest browsers that lack a feature of MDN's data; none if the data does not have it. */
export function lacking(feature: Identifier | undefined): string[] {
  const compat = feature?.__compat;
  if (!compat) return [];
  return oldestBrowsers()
    .filter(([family, version]) => family in FAMILIES && !has(compat, FAMILIES[family as keyof typeof FAMILIES], version))
    .map(([family, version]) => `${family} ${version}`);
}

function has({ support }: CompatStatement, family: string, version: number): boolean {
  const said = support[family as keyof typeof support];
  if (said === undefined) return true;
  const statements: SimpleSupportStatement[] = Array.isArray(said) ? said : [said];
  return statements.some(({ version_added: added, version_removed: removed, prefix, alternative_name, flags }) => {
    if (prefix || alternative_name || flags || typeof added !== 'string') return false;
    if (added === 'preview' || parseFloat(added.replace('≤', '')) > version) return false;
    return typeof removed !== 'string' || parseFloat(removed) > version;
  });
}

/** 'css: rotate' -> where a stylesheet uses what the oldest browsers lack. */
export function tooNewInStyle(files: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  const { properties, 'at-rules': atRules, selectors } = bcd.css as unknown as Record<string, Identifier>;
  for (const file of files) {
    const note = (name: string, feature: Identifier | undefined, line: number | undefined) => {
      const browsers = lacking(feature);
      if (browsers.length) found.set(name, `${file}:${line} (${browsers.join(', ')})`);
    };
    postcss.parse(readFileSync(file, 'utf8')).walk((node) => {
      const line = node.source?.start?.line;
      if (node.type === 'decl') {
        note(node.prop, properties?.[node.prop], line);
        if (/\d[dsl]v[hw]\b/.test(node.value)) note('dvh', VIEWPORT_UNITS, line);
        for (const [, word = ''] of node.value.matchAll(/(?<![\w-])([a-z][a-z-]*)(?=\()/g)) {
          note(`${word}()`, functionOf(word), line);
        }
      } else if (node.type === 'atrule') {
        note(`@${node.name}`, atRules?.[node.name], line);
      } else if (node.type === 'rule') {
        if (node.parent?.type === 'rule') note('nesting', selectors?.nesting, line);
        for (const [, name = ''] of node.selector.matchAll(/:([a-z][a-z-]*)/g)) note(`:${name}`, selectors?.[name], line);
      }
    });
  }
  return found;
}

const TYPES = (bcd.css as unknown as Record<string, Identifier>).types as Record<string, Identifier | undefined>;
const VIEWPORT_UNITS = TYPES.length?.viewport_percentage_units_dynamic;

function functionOf(name: string): Identifier | undefined {
  return [TYPES, TYPES.color, TYPES.gradient, TYPES['easing-function']].find((group) => group?.[name])?.[name];
}

/** 'AbortSignal.timeout' -> where a source uses what the oldest browsers lack: global names, and
 * members of the browser's and the language's own types, whatever the variable is called. */
export function tooNewInSource(tsconfig: string): Map<string, string> {
  const { config } = ts.readConfigFile(tsconfig, ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, import.meta.dirname + '/..');
  // No browser runs tests, and their libraries take longer to read than the app.
  const sources = fileNames.filter((file) => !/\.test\.tsx?$/.test(file));
  const program = ts.createProgram(sources, { ...options, lib: ['lib.esnext.d.ts', ...(options.lib ?? [])], composite: false });
  const checker = program.getTypeChecker();
  const found = new Map<string, string>();

  const look = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !ts.isTypeNode(node.parent) && isBuiltIn(node)) {
      const [name, browsers] = support(node);
      if (browsers.length) {
        const file = node.getSourceFile();
        const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        found.set(name, `${file.fileName}:${line} (${browsers.join(', ')})`);
      }
    }
    ts.forEachChild(node, look);
  };

  function isBuiltIn(node: ts.Identifier): boolean {
    const declared = checker.getSymbolAtLocation(node)?.declarations?.[0]?.getSourceFile();
    return declared !== undefined && program.isSourceFileDefaultLibrary(declared);
  }

  /** The name as a person would write it, and who lacks it. */
  function support(node: ts.Identifier): [string, string[]] {
    const name = node.text;
    const access = node.parent;
    if (!ts.isPropertyAccessExpression(access) || access.name !== node) return [name, lacking(entry(name))];
    const object = access.expression;
    const namesItself = ts.isIdentifier(object) && isBuiltIn(object) && entry(object.text)?.[`${name}_static`];
    if (namesItself) return [`${object.text}.${name}`, lacking(namesItself)];
    const owners = [ownerOf(checker.getSymbolAtLocation(node)), checker.getTypeAtLocation(object).getSymbol()?.name ?? ''];
    for (const owner of owners) {
      // A browser without the whole type cannot get here: its name was checked where it is used.
      const feature = lacking(entry(owner)).length ? undefined : entry(owner)?.[name];
      if (feature) return [`${owner}.${name}`, lacking(feature)];
    }
    return [name, []];
  }

  for (const file of program.getSourceFiles()) {
    if (!/\.d\.ts$|node_modules/.test(file.fileName)) look(file);
  }
  return found;
}

function ownerOf(symbol: ts.Symbol | undefined): string {
  const parent = symbol?.declarations?.[0]?.parent;
  return parent && ts.isInterfaceDeclaration(parent) ? parent.name.text : '';
}

const API = bcd.api as unknown as Record<string, Identifier | undefined>;
const BUILT_IN = (bcd.javascript as unknown as Record<string, Record<string, Identifier | undefined>>).builtins ?? {};

function entry(name: string): Identifier | undefined {
  return Object.hasOwn(API, name) ? API[name] : Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
}
