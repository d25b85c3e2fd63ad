/** @file Entry of the engine, in a thread of main (worker_threads) or in a process of its own; main talks to it through `EngineMethods`. */
import { serveEngine } from './serve.ts';

serveEngine();
