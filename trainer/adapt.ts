/** @file Entry of the adapting process: always there, so that no training delays what a verdict does. Ends when main is gone. */
import process from 'node:process';
import type { AdaptMethods } from '../src/shared/adaptProtocol.ts';
import { servePort } from '../src/shared/port.ts';
import { processPort } from '../src/shared/processPort.ts';
import { createAdaptHandlers } from './adapt/handlers.ts';

const port = processPort();
servePort<AdaptMethods>(port, createAdaptHandlers());
port.onGone(() => process.exit(0));
