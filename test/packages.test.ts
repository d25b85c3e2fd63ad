/** @file What `npm install` may run and bring: exact versions, no install script that nobody looked at. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

type Manifest = {
  allowScripts: Record<string, boolean>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
type Lock = { packages: Record<string, { hasInstallScript?: boolean; resolved?: string; optional?: boolean }> };

const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')) as T;
const manifest = read<Manifest>('package.json');
const lock = read<Lock>('package-lock.json');

it('every install script of the tree was decided on (a new one would run, or npm would stop at it)', () => {
  const scripted = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
  const names = scripted.map(([path]) => path.replace(/^.*node_modules\//, ''));
  // fsevents is macOS's own and optional; npm does not ask for it elsewhere.
  expect(names.filter((name) => name !== 'fsevents' && !(name in manifest.allowScripts))).toEqual([]);
  expect(manifest.allowScripts).toMatchObject({ node: true, 'onnxruntime-node': false });
});

it('versions are exact (a release of somebody else’s would change what is built)', () => {
  const versions = { ...manifest.dependencies, ...manifest.devDependencies };
  expect(Object.entries(versions).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});
