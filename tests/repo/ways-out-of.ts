/** Everything in a file of ours by which something could leave the process, as its syntax has it. */
import ts from 'typescript';

/** Modules of Node.js that open sockets, ask for names, start programs or threads, or let others in. */
const MODULES = new Set([
  ...['net', 'tls', 'dgram', 'dns', 'dns/promises', 'http', 'https', 'http2', 'child_process'],
  ...['cluster', 'worker_threads', 'inspector', 'inspector/promises', 'quic', 'repl', 'wasi', 'vm'],
]);

/** Clients that need no import, and ways around the modules. */
const GLOBALS = new Set([
  ...['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'WebTransport', 'RTCPeerConnection'],
  ...['Worker', 'SharedWorker', 'eval', 'Function', 'require', 'createRequire'],
]);

/** Members of `process` below the modules. */
const PROCESS_MEMBERS = new Set(['binding', '_linkedBinding', 'dlopen', 'getBuiltinModule']);

/** What stands in every text that has one: most files have none of it, and need not be parsed. */
const TOKENS = new RegExp(
  `['"\`](?:node:)?(?:${[...MODULES].join('|')})['"\`]|\\bimport\\s*\\(` +
    `|\\b(?:${[...GLOBALS, ...PROCESS_MEMBERS].join('|')})\\b`,
);

/** One way out: `net connect,Socket`, `global fetch`, `process.binding`, `import of a value`. */
export type WayOut = string;

/** All of them, in order of the text; types are none. */
export function waysOutOf(text: string, fileName = 'file.ts'): WayOut[] {
  if (!TOKENS.test(text)) return [];
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.ES2023, true);
  const found: WayOut[] = [];
  const visit = (node: ts.Node): void => {
    const way = importIn(node) ?? callIn(node) ?? globalIn(node);
    if (way !== undefined) found.push(way);
    if (!ts.isTypeNode(node)) ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function importIn(node: ts.Node): WayOut | undefined {
  if (ts.isImportDeclaration(node)) {
    const { importClause: clause, moduleSpecifier } = node;
    if (clause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return undefined;
    const names = clause === undefined ? [] : namesIn(clause);
    const isTypesOnly = clause !== undefined && names.length === 0;
    return isTypesOnly ? undefined : wayOfModule(moduleSpecifier, names);
  }
  if (!ts.isExportDeclaration(node) || node.isTypeOnly) return undefined;
  return node.moduleSpecifier && wayOfModule(node.moduleSpecifier, ['*']);
}

function namesIn({ name, namedBindings }: ts.ImportClause): string[] {
  const own = name === undefined ? [] : ['default'];
  if (namedBindings === undefined) return own;
  if (ts.isNamespaceImport(namedBindings)) return [...own, '*'];
  const values = namedBindings.elements.filter(({ isTypeOnly }) => !isTypeOnly);
  return [...own, ...values.map((one) => (one.propertyName ?? one.name).text)];
}

function wayOfModule(specifier: ts.Expression, names: readonly string[]): WayOut | undefined {
  if (!ts.isStringLiteralLike(specifier)) return 'import of a value';
  const name = specifier.text.replace(/^node:/, '');
  return MODULES.has(name) ? `${name} ${[...names].sort().join()}` : undefined;
}

function callIn(node: ts.Node): WayOut | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const [first] = node.arguments;
  if (node.expression.kind !== ts.SyntaxKind.ImportKeyword || first === undefined) return undefined;
  return wayOfModule(first, ['*']);
}

function globalIn(node: ts.Node): WayOut | undefined {
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
    const member = ts.isPropertyAccessExpression(node)
      ? node.name.text
      : ts.isStringLiteralLike(node.argumentExpression)
        ? node.argumentExpression.text
        : '';
    const owner = node.expression.getText();
    if (owner === 'process' && PROCESS_MEMBERS.has(member)) return `process.${member}`;
    const isGlobal = /^(globalThis|global|self|window)$/.test(owner);
    return isGlobal && GLOBALS.has(member) ? `global ${member}` : undefined;
  }
  if (!ts.isIdentifier(node) || !GLOBALS.has(node.text)) return undefined;
  const { parent } = node;
  const isName =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    ts.isImportSpecifier(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isInterfaceDeclaration(parent) ||
    ts.isExpressionWithTypeArguments(parent);
  return isName ? undefined : `global ${node.text}`;
}
