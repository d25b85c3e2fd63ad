/**
 * @file The local API over HTTP on 127.0.0.1: who asks is checked before anything is read, what is read is bounded, and every answer but a stream
 * is JSON. Knows requests and limits; what they mean is the backend's.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { AppError } from '../../shared/errors.ts';
import { bearerOf, checkOrigin, hostsOf, protocolToken, streamProtocol } from './access.ts';
import { AlertStream } from './alertStream.ts';
import { issuesOf, ofClientError, refuse, send, tellBug, tooManyListeners, UpgradeNeeded } from './answers.ts';
import { BodyBudget, readJson } from './body.ts';
import { openApiDocument } from './openapi.ts';
import { operations, type OperationName } from './operations.ts';
import { Problem, toProblem } from './problem.ts';
import { prometheusText, prometheusType } from './prometheus.ts';
import { RateLimit } from './rateLimit.ts';
import type { AnalyzeLine, Feedback, Judgement, Metrics } from './schemas.ts';

/** Who asks: a token in force. */
export type ApiClient = { id: string; name: string };

export type ApiBackend = {
  appVersion: string;
  /** Null where no token in force is this one. */
  clientOf: (token: string) => ApiClient | null;
  /** Of each line, in order. */
  analyze: (lines: readonly AnalyzeLine[], signal: AbortSignal) => Promise<Judgement[]>;
  feedback: (feedback: Feedback, client: ApiClient) => Promise<void>;
  metrics: () => Promise<Metrics>;
};

export type ApiLimits = {
  requestBytes: number;
  /** Of all requests that are being read or answered. */
  heldBytes: number;
  connections: number;
  listeners: number;
  /** Held of one listener. */
  streamBytes: number;
  headersMs: number;
  requestMs: number;
  idleMs: number;
  /** Lines of one token; a request without lines counts as one. */
  perSecond: number;
};

export const defaultLimits: ApiLimits = {
  requestBytes: 4 << 20,
  heldBytes: 64 << 20,
  connections: 256,
  listeners: 32,
  streamBytes: 1 << 20,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 120_000,
  perSecond: 10_000,
};

export type ApiServer = {
  port: number;
  stream: AlertStream;
  /** A token was revoked: what came by it ends. */
  revoked: (tokenId: string) => void;
  close: () => Promise<void>;
};

const byPath = new Map<string, OperationName[]>();
for (const [name, { path }] of Object.entries(operations) as [OperationName, { path: string }][])
  byPath.set(path, [...(byPath.get(path) ?? []), name]);

/** `port` 0: any. Throws BAD_INPUT where it cannot be served. */
export async function startApi(
  backend: ApiBackend,
  port: number,
  limits: ApiLimits = defaultLimits,
): Promise<ApiServer> {
  const stream = new AlertStream(limits.streamBytes, limits.listeners);
  const budget = new BodyBudget(limits.heldBytes);
  const rates = new RateLimit(limits.perSecond, () => performance.now());
  const document = JSON.stringify(openApiDocument(backend.appVersion));
  let ownHosts: ReadonlySet<string> = new Set();

  /** Throws a Problem for no token, one that is not in force, and one that asks too often. */
  const checkClient = (token: string | undefined, count: number): ApiClient => {
    const client = token === undefined ? null : backend.clientOf(token);
    if (!client) {
      throw new Problem('UNAUTHORIZED', 'Give a token that is in force: Authorization: Bearer TOKEN.', {
        'www-authenticate': 'Bearer',
      });
    }
    charge(client, count);
    return client;
  };
  const charge = ({ id }: ApiClient, count: number): void => {
    const seconds = rates.take(id, count);
    if (seconds === 0) return;
    throw new Problem('TOO_MANY_REQUESTS', `A token may send ${limits.perSecond} lines a second.`, {
      'retry-after': String(Math.max(1, Math.ceil(seconds))),
    });
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    checkOrigin(request, ownHosts);
    const name = operationOf(request);
    const { isOpen = false, body } = operations[name];
    if (isOpen) return send(response, 200, document);
    const client = checkClient(bearerOf(request), 1);
    if (name === 'metrics') {
      const metrics = await backend.metrics();
      const wantsText = /text\/plain|application\/openmetrics-text/.test(request.headers.accept ?? '');
      return wantsText
        ? send(response, 200, prometheusText(metrics), prometheusType)
        : send(response, 200, JSON.stringify(metrics));
    }
    if (name === 'events') {
      if (stream.isFull) throw tooManyListeners();
      return stream.addResponse(response, client.id);
    }
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const { json, release } = await readJson(request, limits.requestBytes, budget);
    try {
      const parsed = body?.pick(json).safeParse(json);
      if (!parsed?.success) throw new Problem('BAD_REQUEST', issuesOf(parsed?.error.issues ?? []));
      if (name === 'feedback') {
        await backend.feedback(parsed.data as Feedback, client);
        return send(response, 200, '{"status":"Feedback recorded"}');
      }
      const asked = parsed.data as AnalyzeLine | AnalyzeLine[];
      const lines = Array.isArray(asked) ? asked : [asked];
      if (lines.length > 1) charge(client, lines.length - 1);
      const judgements = await backend.analyze(lines, gone.signal);
      return send(response, 200, JSON.stringify(Array.isArray(asked) ? judgements : judgements[0]));
    } finally {
      release();
    }
  };

  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(1000, limits.headersMs / 2),
      keepAliveTimeout: 60_000,
    },
    (request, response) => {
      answer(request, response).catch((error: unknown) => {
        const problem = toProblem(error);
        if (problem.code === 'INTERNAL') tellBug(error);
        if (response.headersSent || response.destroyed) response.destroy();
        // What is left of the request is read and thrown away, so that the answer arrives.
        else send(response, problem.status, problem.body, undefined, problem.headers);
      });
    },
  );
  server.maxConnections = limits.connections;
  server.timeout = limits.idleMs;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuse(socket, ofClientError(error)));
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 1024,
    handleProtocols: (offered) => (offered.has(streamProtocol) ? streamProtocol : false),
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    try {
      checkOrigin(request, ownHosts);
      if (operationOf(request) !== 'stream') throw new Problem('BAD_REQUEST', 'The WebSocket is /stream.');
      const client = checkClient(bearerOf(request) ?? protocolToken(request), 1);
      if (stream.isFull) throw tooManyListeners();
      sockets.handleUpgrade(request, socket, head, (opened) => stream.addSocket(opened, client.id));
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === 'INTERNAL') tellBug(error);
      refuse(socket, problem);
    }
  });
  await listen(server, port);
  const bound = (server.address() as AddressInfo).port;
  ownHosts = hostsOf(bound);
  return {
    port: bound,
    stream,
    revoked: (tokenId) => {
      rates.forget(tokenId);
      stream.dropToken(tokenId);
    },
    close: async () => {
      stream.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // The answers under way are given; nobody may hold the port for longer.
      const patience = setTimeout(() => server.closeAllConnections(), 1000);
      server.closeIdleConnections();
      await closed;
      clearTimeout(patience);
      for (const socket of sockets.clients) socket.terminate();
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const why =
        code === 'EADDRINUSE'
          ? `Port ${port} is taken by another program`
          : code === 'EACCES'
            ? `Port ${port} is kept for programs with more rights`
            : `Port ${port} cannot be served (${code ?? message})`;
      reject(new AppError('BAD_INPUT', `${why}: the API does not run. Choose another port.`));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

/** Throws a Problem for a path or a method that is none. */
function operationOf({ url = '/', method, headers }: IncomingMessage): OperationName {
  const [path = ''] = url.split('?', 1);
  const names = byPath.get(path);
  if (!names) throw new Problem('NOT_FOUND', 'Nothing is here. /openapi.json says what there is.');
  const name = names.find((one) => operations[one].method === method);
  if (!name) {
    const allow = names.map((one) => operations[one].method).join(', ');
    throw new Problem('METHOD_NOT_ALLOWED', `This takes ${allow}.`, { allow });
  }
  if (name === 'stream' && headers.upgrade?.toLowerCase() !== 'websocket') throw new UpgradeNeeded();
  return name;
}
