/** @file Entry of the trainer process. Ends when main is gone. */
import process from 'node:process';
import { servePort } from '../src/shared/port.ts';
import { processPort } from '../src/shared/processPort.ts';
import type { TrainerMethods } from '../src/shared/trainerProtocol.ts';
import { createHandlers } from './handlers.ts';

const port = processPort();
servePort<TrainerMethods>(port, createHandlers());
port.onGone(() => process.exit(0));
