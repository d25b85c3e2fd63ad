/** @file Holds the direction of imports: which folder may use which, and where native and Electron modules may be loaded. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Folder → folders it may import from besides itself. */
const allowed: Record<string, readonly string[]> = {
  'src/shared': [],
  'src/preload': [],
  'src/renderer': ['src/shared'],
  // What verdicts teach is computed there with the calibration that judges.
  trainer: ['src/shared', 'src/main/detect'],
  'src/main/host': ['src/shared'],
  'src/main/ingest': ['src/shared'],
  'src/main/text': ['src/shared'],
  'src/main/engine': ['src/shared'],
  'src/main/detect': ['src/shared'],
  'src/main/store': ['src/shared', 'src/main/detect'],
  'src/main/report': ['src/shared'],
  'src/main/explanation': ['src/shared'],
  'src/main/outputs': ['src/shared'],
  'src/main/lab': ['src/shared'],
  'src/main/classify': ['src/shared'],
  'src/main/learn': ['src/shared', 'src/main/store'],
  // What the local API says over HTTP; what it means is the app's.
  'src/main/api': ['src/shared'],
  'src/main/app': [
    'src/shared',
    'src/main/api',
    'src/main/classify',
    'src/main/detect',
    'src/main/engine',
    'src/main/explanation',
    'src/main/host',
    'src/main/ingest',
    'src/main/lab',
    'src/main/learn',
    'src/main/outputs',
    'src/main/report',
    'src/main/store',
    'src/main/text',
  ],
  'src/main/http': ['src/shared', 'src/main/app'],
  'src/main/electron': ['src/shared', 'src/main/app', 'src/main/host', 'src/main/http'],
  'src/main/cli': ['src/shared', 'src/main/app', 'src/main/host', 'src/main/lab', 'src/main/store', 'src/main'],
  'src/main': ['src/shared', 'src/main/app', 'src/main/electron', 'src/main/host', 'src/main/http'],
};

/** Package → folders or files that may load it. */
const packages: Record<string, readonly string[]> = {
  electron: ['src/main/electron', 'src/main/index.ts', 'src/preload/index.ts'],
  'better-sqlite3': ['src/main/store'],
  'onnxruntime-node': ['src/main/engine', 'trainer'],
  zod: [
    'src/shared/routes.ts',
    'src/shared/routes',
    'src/shared/learningSchema.ts',
    'src/shared/outputsSchema.ts',
    'src/main/api',
    'src/main/app',
  ],
  ws: ['src/main/api'],
};

type Import = { file: string; specifier: string; isTypeOnly: boolean };

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (/\.(ts|svelte)$/.test(entry.name)) yield path;
  }
}

function importsOf(path: string): Import[] {
  const text = readFileSync(path, 'utf8');
  const code = path.endsWith('.svelte') ? (/<script[^>]*>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '') : text;
  const parsed = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      const clause = ts.isImportDeclaration(node) ? node.importClause : undefined;
      const isTypeOnly =
        clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || (ts.isExportDeclaration(node) && node.isTypeOnly);
      found.push({ file: path, specifier: node.moduleSpecifier.text, isTypeOnly });
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteral(argument))
        found.push({ file: path, specifier: argument.text, isTypeOnly: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return found;
}

/** The longest listed folder that a path lies in. */
function folderOf(path: string): string {
  const name = relative(root, path);
  const folders = Object.keys(allowed).filter((folder) => name.startsWith(`${folder}/`));
  return folders.sort((a, b) => b.length - a.length)[0] ?? '(outside)';
}

const all = ['src', 'trainer'].flatMap((folder) => [...sourceFiles(join(root, folder))]).flatMap(importsOf);

describe('import boundaries', () => {
  it('folders import only what the design lets them', () => {
    const wrong = all.flatMap(({ file, specifier }) => {
      if (!specifier.startsWith('.')) return [];
      const from = folderOf(file);
      const to = folderOf(resolve(dirname(file), specifier));
      return from === to || allowed[from]?.includes(to) ? [] : [`${relative(root, file)} → ${specifier}`];
    });
    expect(wrong).toEqual([]);
  });

  it('native modules, Electron and the schema library load only where they belong', () => {
    const wrong = all.flatMap(({ file, specifier, isTypeOnly }) => {
      const owners = packages[specifier];
      if (!owners || isTypeOnly) return [];
      const name = relative(root, file);
      return owners.some((owner) => name === owner || name.startsWith(`${owner}/`)) ? [] : [`${name} → ${specifier}`];
    });
    expect(wrong).toEqual([]);
  });

  it('the renderer takes types, not code, from the route table (it would pull the schema library into the page)', () => {
    const wrong = all.filter(
      ({ file, specifier, isTypeOnly }) =>
        file.includes('/renderer/') && /\/routes(\.ts$|\/)/.test(specifier) && !isTypeOnly,
    );
    expect(wrong).toEqual([]);
  });

  it('the renderer and the preload use no module of Node', () => {
    const wrong = all.filter(
      ({ file, specifier }) => /\/(renderer|preload)\//.test(file) && specifier.startsWith('node:'),
    );
    expect(wrong).toEqual([]);
  });

  it('no file exports by default and none is a barrel', () => {
    const wrong = ['src', 'trainer']
      .flatMap((folder) => [...sourceFiles(join(root, folder))])
      .filter((path) => {
        const text = readFileSync(path, 'utf8');
        return path.endsWith('.ts') && (/^export default/m.test(text) || /^export \* from/m.test(text));
      });
    expect(wrong.map((path) => relative(root, path))).toEqual([]);
  });

  it('there is no cycle between files', () => {
    const graph = new Map<string, string[]>();
    for (const { file, specifier, isTypeOnly } of all) {
      if (!specifier.startsWith('.') || isTypeOnly) continue;
      const imported = resolve(dirname(file), specifier);
      // A component that contains itself imports itself: that is how Svelte has it.
      if (imported !== file) graph.set(file, [...(graph.get(file) ?? []), imported]);
    }
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const walk = (file: string, trail: string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        cycles.push([...trail.slice(trail.indexOf(file)), file].map((path) => relative(root, path)).join(' → '));
        return;
      }
      state.set(file, 'open');
      for (const next of graph.get(file) ?? []) walk(next, [...trail, file]);
      state.set(file, 'done');
    };
    for (const file of graph.keys()) walk(file, []);
    expect(cycles).toEqual([]);
  });
});
