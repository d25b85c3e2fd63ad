/** @file What a machine and its drivers are, as far as it decides what ONNX Runtime can run on. Names nobody: no host name, no user, no folder. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';

export type Machine = {
  /** "linux x64". */
  system: string;
  systemRelease: string;
  processor: string;
  memoryMB: number;
  /** "Node 24.21.0", "Electron 45.4.1". */
  runtimes: string[];
  /** Graphics and compute drivers: a line for each, which changes when the driver does. */
  drivers: string[];
};

const vulkanFolders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];

export function readMachine(): Machine {
  const [first] = cpus();
  const { node, electron, chrome } = process.versions as Record<string, string | undefined>;
  const named: [string, string | undefined][] = [
    ['Node', node],
    ['Electron', electron],
    ['Chromium', chrome],
  ];
  return {
    system: `${platform()} ${arch()}`,
    systemRelease: release(),
    processor: `${cpus().length} × ${first?.model.trim() ?? 'unknown'}`,
    memoryMB: Math.round(totalmem() / 1e6),
    runtimes: named.flatMap(([name, version]) => (version === undefined ? [] : [`${name} ${version}`])),
    drivers: readDrivers(),
  };
}

function readDrivers(): string[] {
  if (platform() === 'linux') return [...nvidiaDriver(), ...vulkanDrivers()];
  if (platform() === 'win32') return displayDrivers();
  return []; // on macOS the driver comes with the system, and its release says so
}

/** "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14 …". */
function nvidiaDriver(): string[] {
  try {
    return readFileSync('/proc/driver/nvidia/version', 'utf8').trim().split('\n').slice(0, 1);
  } catch {
    return [];
  }
}

/** Mesa and others write their version into the file that names them; its date tells of those that do not. */
function vulkanDrivers(): string[] {
  const named = process.env['VK_DRIVER_FILES'] ?? process.env['VK_ICD_FILENAMES'];
  const paths =
    named?.split(':') ?? vulkanFolders.flatMap((folder) => entriesOf(folder).map((name) => join(folder, name)));
  return paths.flatMap((path) => {
    try {
      const version = /"api_version"\s*:\s*"([\d.]+)"/.exec(readFileSync(path, 'utf8'))?.[1] ?? 'unknown version';
      return [`Vulkan ${basename(path)} ${version} of ${statSync(path).mtime.toISOString().slice(0, 10)}`];
    } catch {
      return [];
    }
  });
}

/** Windows keeps each driver package in a folder named for its description and contents. */
function displayDrivers(): string[] {
  const folder = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'DriverStore', 'FileRepository');
  return entriesOf(folder).filter((name) => /^(nv_?disp|nvlt|u0\d+|c0\d+|iigd|igdlh|ki\d+|qcdx)/i.test(name));
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
