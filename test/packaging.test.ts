/** @file What installers would hold: fuses that are off for good, and every file the app loads. Catches a dependency that only development has. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, matchesGlob, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));

type Platform = 'linux' | 'mac' | 'win';
type Configuration = {
  files: string[];
  asar: unknown;
  asarUnpack: string[];
  electronFuses: Record<string, boolean>;
  publish: unknown;
} & Record<Platform, { files: string[] }>;

const configuration = readJson('packaging/electron-builder.json') as Configuration;
const { dependencies, main } = readJson('package.json') as { dependencies: Record<string, string>; main: string };
const platforms: Record<Platform, string> = { linux: 'linux', mac: 'darwin', win: 'win32' };

/** Every file below a folder, from the root, with slashes. */
function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

/** As electron-builder decides: the last pattern that fits; dependencies' own files are in from the start. */
function isIncluded(path: string, patterns: readonly string[]): boolean {
  let isIn = path.startsWith('node_modules/');
  for (const pattern of patterns) {
    const excludes = pattern.startsWith('!');
    if (matchesGlob(path, excludes ? pattern.slice(1) : pattern)) isIn = !excludes;
  }
  return isIn;
}

/** The packages the app has at run time, with those they need. */
function packagesOf(names: readonly string[], found = new Set<string>()): Set<string> {
  for (const name of names) {
    if (found.has(name) || !existsSync(join(root, 'node_modules', name, 'package.json'))) continue;
    found.add(name);
    const manifest = readJson(`node_modules/${name}/package.json`) as { dependencies?: Record<string, string> };
    packagesOf(Object.keys(manifest.dependencies ?? {}), found);
  }
  return found;
}

describe('the packaging configuration', () => {
  it('turns every fuse the way it must be: no Node, no options from outside, only the archive that was packaged', () => {
    expect(configuration.electronFuses).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableCookieEncryption: true,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    });
    expect([configuration.asar, configuration.publish]).toEqual([true, null]);
  });

  it.each(Object.keys(platforms) as Platform[])('takes every built file along, for %s', (platform) => {
    const patterns = [...configuration.files, ...configuration[platform].files];
    const built = existsSync(join(root, 'out')) ? [...filesBelow('out')].filter((path) => path !== 'out/stamp') : [];
    // What a build makes, where none was made.
    const kinds = [
      main,
      'out/main/trainer.js',
      'out/main/adapt.js',
      'out/main/chunks/a-1.js',
      'out/preload/index.cjs',
      'out/renderer/index.html',
    ];
    const left = [...built, ...kinds, 'out/renderer/assets/a.woff2', 'package.json'].filter(
      (path) => !isIncluded(path, patterns),
    );
    expect(left).toEqual([]);
  });

  it.each(Object.keys(platforms) as Platform[])(
    'takes every dependency along, and native libraries outside the archive, for %s',
    (platform) => {
      const patterns = [...configuration.files, ...configuration[platform].files];
      const others = Object.values(platforms).filter((name) => name !== platforms[platform]);
      const isOfOthers = (path: string): boolean =>
        others.some((name) => path.includes(`/bin/napi-v6/${name}/`)) || /\/better-sqlite3\/(deps|src)\//.test(path);
      const code = [...packagesOf(Object.keys(dependencies))].flatMap((name) =>
        [...filesBelow(`node_modules/${name}`)].filter((path) =>
          /\.(c?js|mjs|json|node|dll|dylib|wasm|so(\.\d+)*)$/.test(path),
        ),
      );
      expect(code.filter((path) => !isIncluded(path, patterns) && !isOfOthers(path))).toEqual([]);
      const native = code.filter((path) => /\.(node|dll|dylib|so(\.\d+)*)$/.test(path));
      expect(native.some((path) => path.includes(`napi-v6/${platforms[platform]}/`))).toBe(true);
      const inside = native.filter((path) => !configuration.asarUnpack.some((pattern) => matchesGlob(path, pattern)));
      expect(inside).toEqual([]);
    },
  );
});

describe('the app as it is packaged', () => {
  it('loads nothing at run time that only development has', () => {
    const builtIn = new Set([...builtinModules, ...builtinModules.map((name) => `node:${name}`), 'electron']);
    const wrong: string[] = [];
    for (const folder of ['src/main', 'src/shared', 'src/preload', 'trainer']) {
      for (const path of filesBelow(folder)) {
        if (!path.endsWith('.ts')) continue;
        const { importedFiles } = ts.preProcessFile(withoutTypes(readFileSync(join(root, path), 'utf8')));
        for (const { fileName } of importedFiles) {
          const name = fileName.split('/', fileName.startsWith('@') ? 2 : 1).join('/');
          if (fileName.startsWith('.') || builtIn.has(fileName) || Object.hasOwn(dependencies, name)) continue;
          wrong.push(`${relative(root, join(root, path)).split(sep).join('/')} → ${fileName}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

/** Type imports are gone when the code runs. */
function withoutTypes(code: string): string {
  return code.replace(/^(import|export) type [\s\S]*?;$/gm, '');
}
