import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Where engines may differ, or a second run would: never in a game's rules. */
const NOT_IN_RULES = [
  { selector: "BinaryExpression[operator='**']", message: 'x*x or a table: engines differ in **.' },
  { selector: "AssignmentExpression[operator='**=']", message: 'Engines differ in **.' },
  { selector: "BinaryExpression[operator='/']", message: 'Whole numbers only: shift, multiply, or a table.' },
  { selector: "AssignmentExpression[operator='/=']", message: 'Whole numbers only: shift or multiply.' },
  {
    selector: 'Literal[raw=/^[0-9_]*(\\.[0-9]|e-)/i]',
    message: 'Whole numbers only: a rule has no fractions.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name!=/^(imul|abs|min|max|floor|clz32|sign)$/]",
    message: 'Only Math.imul, abs, min, max, floor, clz32 and sign are alike in all engines.',
  },
  {
    selector: ":not(MemberExpression) > Identifier[name='Math']",
    message: 'Math under another name would pass this lint.',
  },
  {
    selector: 'MemberExpression[property.name=/^(localeCompare|toLocale.*)$/]',
    message: 'Engines and places differ in it.',
  },
];

/** The present, chance, the page and the place: what is not the same in a second run. */
const NOT_KNOWN_TO_RULES = [
  'Date', 'performance', 'crypto', 'Intl',
  'globalThis', 'self', 'window', 'document', 'navigator',
  'fetch', 'setTimeout', 'setInterval', 'requestAnimationFrame', 'queueMicrotask',
];

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'dev-dist'] },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    languageOptions: { globals: { ...globals.browser } },
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/games/**/rules*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', ...NOT_KNOWN_TO_RULES],
      'no-restricted-syntax': ['error', ...NOT_IN_RULES],
    },
  },
);
