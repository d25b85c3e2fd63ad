/** @file The operations of the local API, each once: what the server answers, and what its document says, are both made of this table. */
import type { z } from 'zod';
import {
  analyzeAnswer,
  analyzeBatch,
  analyzeLine,
  analyzeRequest,
  feedbackAnswer,
  feedbackOnAlert,
  feedbackOnLine,
  feedbackRequest,
  metricsAnswer,
} from './schemas.ts';

export type OperationName = 'analyze' | 'feedback' | 'metrics' | 'events' | 'stream' | 'openapi';

export type Operation = {
  method: 'GET' | 'POST';
  path: string;
  summary: string;
  description: string;
  isOpen?: boolean;
  /** `pick`: the part of the union that the body is meant as, so that what is wrong with it can be said. */
  body?: { schema: z.ZodType; pick: (body: unknown) => z.ZodType };
  answer: { status: number; description: string; types: Record<string, z.ZodType | null> };
  /** Beside those that every operation has. */
  problems: readonly number[];
};

const has = (body: unknown, key: string): boolean => typeof body === 'object' && body !== null && key in body;

export const operations: Record<OperationName, Operation> = {
  analyze: {
    method: 'POST',
    path: '/analyze',
    summary: 'Judge a line, or up to 1,000 in their order',
    description:
      'Each line is stored as an event of its source and judged after the lines of that source before it, as a log that is followed. ' +
      'It is durable when the answer comes. A line whose answer did not arrive may have been stored.',
    body: { schema: analyzeRequest, pick: (body) => (Array.isArray(body) ? analyzeBatch : analyzeLine) },
    answer: {
      status: 200,
      description: 'For a line its judgement, for an array of lines an array in the same order.',
      types: { 'application/json': analyzeAnswer },
    },
    problems: [409],
  },
  feedback: {
    method: 'POST',
    path: '/feedback',
    summary: 'Say whether an answer was right',
    description:
      'A verdict like any other, given by the name of the token. A right anomaly is a confirmed threat, a wrong one a false alarm; ' +
      'a wrong normal is a threat that was missed, and a right one is remembered as normal.',
    body: {
      schema: feedbackRequest,
      pick: (body) => (has(body, 'log_line') && !has(body, 'alert_id') ? feedbackOnLine : feedbackOnAlert),
    },
    answer: { status: 200, description: 'The verdict is durable.', types: { 'application/json': feedbackAnswer } },
    problems: [404, 409],
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    summary: 'Figures since the API was started',
    description: 'JSON, or the text format of Prometheus for those who accept text/plain.',
    answer: {
      status: 200,
      description: 'The figures.',
      types: { 'application/json': metricsAnswer, 'text/plain': null },
    },
    problems: [],
  },
  events: {
    method: 'GET',
    path: '/events',
    summary: 'Alerts as they are raised, as server-sent events',
    description:
      'Events named `alert` whose data is an AlertMessage. Who reads too slowly gets an event named `dropped` with the reason, and the stream ends.',
    answer: { status: 200, description: 'A stream without end.', types: { 'text/event-stream': null } },
    problems: [],
  },
  stream: {
    method: 'GET',
    path: '/stream',
    summary: 'Alerts as they are raised, over a WebSocket',
    description:
      'Each message is an AlertMessage. The token is in the header Authorization or, in browsers, in the list of subprotocols: ' +
      '`surprisal.v1`, `bearer.TOKEN`. Who reads too slowly is closed with 1013 and the reason.',
    answer: { status: 101, description: 'The connection is a WebSocket.', types: {} },
    problems: [426],
  },
  openapi: {
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document',
    description: 'Needs no token.',
    isOpen: true,
    answer: { status: 200, description: 'OpenAPI 3.1.', types: { 'application/json': null } },
    problems: [],
  },
};
