/** @file Picks the transport: the preload bridge where there is one, loopback HTTP elsewhere. */
import { ElectronTransport } from './electronTransport.ts';
import type { Bridge } from './electronTransport.ts';
import { HttpTransport } from './httpTransport.ts';
import type { Transport } from './transport.ts';

declare global {
  interface Window {
    surprisal?: Bridge;
  }
}

export function createTransport(): Transport {
  return window.surprisal ? new ElectronTransport(window.surprisal) : new HttpTransport();
}
