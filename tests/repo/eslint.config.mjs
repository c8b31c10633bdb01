// @ts-check
/**
 * The habits of the code that a linter can see. Run from the project's folder:
 * `eslint -c tests/repo/eslint.config.mjs --max-warnings 0 .`
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import jsdoc from 'eslint-plugin-jsdoc';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** @typedef {{ modules: string[], folders: string[], why: string }} Door */
/** @typedef {{ folders: Record<string, unknown>, doors: Door[] }} ImportRules */

/** @type {ImportRules & { web: ImportRules }} */
const importRules = JSON.parse(readFileSync(new URL('import-rules.json', import.meta.url), 'utf8'));

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Clocks and timers: read and set in server/base only, handed on as `Clock`. */
const TIMES = [
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'Take a Clock: time is injected (habit 8).',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Take a Clock: time is injected (habit 8).',
  },
  {
    selector: "MemberExpression[object.name='performance'][property.name='now']",
    message: 'Take a Clock: time is injected (habit 8).',
  },
  {
    selector:
      "CallExpression[callee.name=/^(setTimeout|setInterval)$/], CallExpression[callee.object.name='globalThis'][callee.property.name=/^set(Timeout|Interval)$/]",
    message: 'Use Clock.setTimer or Clock.sleep: one lifetime, one teardown (habit 7).',
  },
  {
    selector: 'ImportDeclaration[source.value=/^(node:)?timers/]',
    message: 'Use Clock.setTimer or Clock.sleep (habit 7).',
  },
];

const PROCESS_EVENTS = {
  selector: "CallExpression[callee.object.name='process'][callee.property.name=/^(on|once)$/]",
  message: 'Process-wide events are handled in server/base and in entry points (habit 7).',
};

const QUEUES = {
  selector: "CallExpression[callee.property.name='shift'][arguments.length=0]",
  message: 'An array is not a queue: use BoundedQueue, which has a limit (habit 5).',
};

const MOCKS = {
  selector:
    "CallExpression[callee.object.name='vi'][callee.property.name=/^(mock|doMock|hoisted|stubGlobal|useFakeTimers)$/]",
  message: 'Doubles implement the real interface and live in tests/doubles (habit 18).',
};

/** Built-in clients that would leave the box past the gateway. */
const NETWORK_GLOBALS = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'].map((name) => ({
  name,
  message: 'Sockets that leave the process go through server/egress.',
}));

/** What writes text into the page as markup; Preact escapes, these do not. */
const MARKUP = [
  {
    selector:
      'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|createContextualFragment)$/]',
    message: 'Text becomes part of the page through Preact, which escapes it.',
  },
  {
    selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
    message: 'Text becomes part of the page through Preact, which escapes it.',
  },
  {
    selector: "CallExpression[callee.object.name='document'][callee.property.name=/^write(ln)?$/]",
    message: 'Text becomes part of the page through Preact, which escapes it.',
  },
];

/**
 * The browser's clients, each with the one folder of web/ that may use it; undefined: nobody.
 * @type {Record<string, string | undefined>}
 */
const BROWSER_CLIENTS = {
  fetch: 'api',
  WebSocket: 'player',
  EventSource: undefined,
  XMLHttpRequest: undefined,
};

/** For each folder of web/, the clients and packages whose door is elsewhere. */
const webFolderRules = Object.keys(importRules.web.folders).map((folder) => ({
  files: [`web/${folder}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-globals': [
      'error',
      ...Object.entries(BROWSER_CLIENTS)
        .filter(([, own]) => own !== folder)
        .map(([name, own]) => ({
          name,
          message: own === undefined ? 'Not in this page.' : `Its place is web/${own}.`,
        })),
    ],
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        paths: importRules.web.doors
          .filter((door) => !door.folders.includes(folder))
          .flatMap((door) =>
            door.modules.map((name) => ({
              name,
              message: `Its door is web/${door.folders.join(', web/')}. ${door.why}`,
              allowTypeImports: true,
            })),
          ),
      },
    ],
  },
}));

const EVERYWHERE = [...TIMES, PROCESS_EVENTS, QUEUES];

/** Functions of node:net that open no socket. */
const PURE_NET = ['isIP', 'isIPv4', 'isIPv6', 'BlockList', 'SocketAddress'];

/** For each folder of server/, the vendors and built-ins whose door is elsewhere (habit 3). */
const doorRules = Object.keys(importRules.folders).map((folder) => ({
  files: [`server/${folder}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        paths: importRules.doors
          .filter((door) => !door.folders.includes(folder))
          .flatMap((door) =>
            door.modules.map((name) => ({
              name,
              message: `Its door is server/${door.folders.join(', server/')}. ${door.why}`,
              allowTypeImports: true,
              ...(name === 'node:net' ? { allowImportNames: PURE_NET } : {}),
            })),
          ),
      },
    ],
  },
}));

export default defineConfig(
  {
    ignores: ['dist/', 'data/', 'node_modules/', '.cache/', 'tests/output/'],
  },
  {
    files: ['**/*.{ts,tsx,mjs}'],
    linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true },
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['tests/repo/*.mjs', 'web/vite.config.ts'] },
        tsconfigRootDir: root,
      },
    },
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // Index signatures are read with brackets: tsc says so (noPropertyAccessFromIndexSignature).
      '@typescript-eslint/dot-notation': 'off',
      // A number in a sentence is what it looks like; objects and undefined are not.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Left out of what the rest takes up: `const { test: _, ...camera } = added`.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-restricted-syntax': ['error', ...EVERYWHERE],
      'no-restricted-globals': ['error', ...NETWORK_GLOBALS],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['error', { max: 70 }],
      '@typescript-eslint/max-params': ['error', { max: 4 }],
    },
  },
  {
    files: [
      'server/**/*.ts',
      'web/**/*.{ts,tsx}',
      'tests/{doubles,demo,fixtures,bench,runner}/**/*.ts',
    ],
    plugins: { jsdoc },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          require: { FunctionDeclaration: true, ClassDeclaration: true },
          contexts: [
            'ExportNamedDeclaration > TSInterfaceDeclaration',
            'ExportNamedDeclaration > TSTypeAliasDeclaration',
            'ExportNamedDeclaration > VariableDeclaration',
          ],
        },
      ],
      'jsdoc/require-description': ['error', { contexts: ['any'] }],
      'jsdoc/no-types': 'error',
    },
  },
  ...doorRules,
  {
    files: ['web/**/*.{ts,tsx}'],
    rules: { 'no-restricted-syntax': ['error', ...EVERYWHERE, ...MARKUP] },
  },
  ...webFolderRules,
  {
    // The one place with clocks, timers, signals of the process, and a queue.
    files: ['server/base/**/*.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // The same of the page.
    files: ['web/base/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...MARKUP] },
  },
  {
    // Entry points of the server's processes, and the guard that is the first thing in each.
    files: [
      ...['server/main.ts', 'server/keys/key-worker.ts', 'server/cli/doorkeep.ts'],
      'server/egress/guard-programs.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', ...TIMES, QUEUES] },
  },
  {
    // Runs alone and before the build: it has no Clock to be handed.
    files: ['server/setup/*.mjs', 'tests/repo/*.mjs'],
    rules: {
      'no-restricted-syntax': 'off',
      // JSON.parse is any; its shape is asserted in JSDoc, which these rules do not see.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
  {
    files: ['tests/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...EVERYWHERE, MOCKS],
      'no-restricted-globals': 'off',
      'max-lines': ['error', { max: 800 }],
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Tables of it.each hand their columns over one by one.
      '@typescript-eslint/max-params': 'off',
    },
  },
  {
    // What is handed to `evaluate` runs in the browser, where there is no Clock to be handed.
    files: ['tests/fixtures/browser-{measures,picture}.ts', 'tests/e2e/harness.test.ts'],
    rules: { 'no-restricted-syntax': ['error', QUEUES, MOCKS] },
  },
  {
    // Entry points: Ctrl-C has to reach the groups of processes that they started.
    files: ['tests/runner/run-program.ts', 'tests/demo/demo.ts'],
    rules: { 'no-restricted-syntax': ['error', ...TIMES, QUEUES] },
  },
);
