/**
 * @file Holds the server to its OpenAPI document: requests made from the document's own schemas, right and broken in many ways, get an answer whose
 * status it lists and whose body fits, and those it allows are not refused as malformed.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operations } from '../../src/main/api/operations.ts';
import { learnOffice } from '../helpers/learned.ts';
import { rogueLines } from '../helpers/office.ts';
import { serveApi, type ApiAt } from './served.ts';

type Schema = {
  type?: string;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  pattern?: string;
  examples?: string[];
};
type Described = {
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
};
type OpenApi = { openapi: string; paths: Record<string, Record<string, Described>>; components: object };

let api: ApiAt;
let openApi: OpenApi;
let ajv: Ajv2020;
beforeAll(async () => {
  const learned = await learnOffice();
  api = await serveApi(await learned.copy(), 1_000_000);
  const answer = await fetch(`http://127.0.0.1:${api.port}/openapi.json`);
  openApi = (await answer.json()) as OpenApi;
  ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'api', ...openApi });
  await api.ask.post(
    '/analyze',
    learned.quiet.lines.slice(0, 50).map((text) => lineOf(text)),
  );
}, 60_000);
afterAll(() => api.app.close());

const lineOf = (text: string) => ({ timestamp: '2026-09-10T03:12:00Z', log_line: text, source: 'gateway' });

/** Values that a schema allows, as far as this API's schemas go; a small alphabet of sources, since there may be only so many. */
function allowed(schema: Schema, name = ''): fc.Arbitrary<unknown> {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => allowed(one, name)));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'array')
    return fc.array(allowed(schema.items ?? {}, name), { minLength: schema.minItems ?? 0, maxLength: 8 });
  if (schema.type === 'object') {
    const { properties = {}, required = [] } = schema;
    const parts = Object.entries(properties).map(([key, one]) => [key, allowed(one, key)] as const);
    return fc.record(Object.fromEntries(parts), { requiredKeys: required as never[] });
  }
  if (name === 'timestamp') {
    const stamp = fc.date({ noInvalidDate: true, min: new Date('1970-01-01'), max: new Date('2100-01-01') });
    return fc.oneof(
      stamp.map((date) => date.toISOString()),
      stamp.map((date) => `${date.toISOString().slice(0, 19)}+02:00`),
      stamp.map((date) => date.toISOString().slice(0, 23)),
    );
  }
  if (name === 'source') return fc.constantFrom('gateway', 'db', '日本', 'a b');
  const text = fc.string({
    unit: 'binary',
    minLength: schema.minLength ?? 0,
    maxLength: Math.min(200, schema.maxLength ?? 200),
  });
  const fits = new RegExp(schema.pattern ?? '', 'u');
  return fc.oneof(text, fc.constantFrom(...rogueLines)).filter((one) => fits.test(one));
}

/** Something small is changed: a field is left out, added or of another type, or the whole is something else. */
function broken(right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const junk = fc.oneof(
    fc.constant(null),
    fc.integer(),
    fc.constant({}),
    fc.constant([]),
    fc.constant(''),
    fc.boolean(),
  );
  const changed = fc
    .tuple(right, fc.nat(), fc.constantFrom('drop', 'junk', 'more'), junk)
    .map(([value, at, how, other]) => {
      const one = (Array.isArray(value) ? value[0] : value) as Record<string, unknown>;
      const copy = { ...one };
      const key = Object.keys(copy)[at % Math.max(1, Object.keys(copy).length)] ?? '';
      if (how === 'more') copy['__proto_'] = other;
      else if (how === 'drop') delete copy[key];
      else copy[key] = other;
      return Array.isArray(value) ? [copy, ...value.slice(1)] : copy;
    });
  return fc.oneof(
    changed,
    fc.json().map((text) => JSON.parse(text) as unknown),
  );
}

const schemaOf = (path: string): Schema =>
  openApi.paths[path]?.['post']?.requestBody?.content['application/json']?.schema ?? {};
const pointer = (...parts: (string | number)[]): string =>
  `api#/${parts.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;

/** What the document says of this answer holds. */
function holds(path: string, method: string, status: number, type: string, body: unknown): void {
  const response = openApi.paths[path]?.[method]?.responses[status];
  expect(response, `${method} ${path} may answer ${status}`).toBeDefined();
  expect(Object.keys(response?.content ?? {})).toContain(type);
  const validate = ajv.getSchema(pointer('paths', path, method, 'responses', status, 'content', type, 'schema'));
  expect(validate?.(body), JSON.stringify(validate?.errors)).toBe(true);
}

test('the document is OpenAPI 3.1 and has every operation', () => {
  expect(openApi.openapi).toBe('3.1.0');
  const described = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(
    Object.values(operations)
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
  );
});

test.each(['/analyze', '/feedback'])(
  '%s: what the document allows is taken, and every answer is as it says',
  async (path) => {
    const schema = schemaOf(path);
    const validate = ajv.compile(schema);
    await fc.assert(
      fc.asyncProperty(allowed(schema), async (body) => {
        expect(validate(body), JSON.stringify(validate.errors)).toBe(true);
        const { status, json } = await api.ask.post(path, body);
        expect(status).not.toBe(400);
        holds(path, 'post', status, 'application/json', json);
        if (path !== '/analyze') return;
        expect(status).toBe(200);
        // As many as were sent, in their order.
        const [sent, got] = [body, json].map((one) => (Array.isArray(one) ? one : [one])) as { timestamp: string }[][];
        expect(got?.map(({ timestamp }) => timestamp)).toEqual(sent?.map(({ timestamp }) => timestamp));
      }),
      { numRuns: 40 },
    );
  },
  120_000,
);

test.each(['/analyze', '/feedback'])(
  '%s: what the document does not allow gets 400, and nothing else fails',
  async (path) => {
    const schema = schemaOf(path);
    const validate = ajv.compile(schema);
    await fc.assert(
      fc.asyncProperty(broken(allowed(schema)), async (body) => {
        const { status, json } = await api.ask.post(path, body);
        holds(path, 'post', status, 'application/json', json);
        expect(status === 400, JSON.stringify(json)).toBe(!validate(body));
      }),
      { numRuns: 80 },
    );
  },
  120_000,
);

test('figures, and the refusals that every operation lists', async () => {
  const metrics = await api.ask.get('/metrics');
  holds('/metrics', 'get', metrics.status, 'application/json', metrics.json);
  for (const { path, method, isOpen } of Object.values(operations)) {
    const answer = await fetch(`http://127.0.0.1:${api.port}${path}`, {
      method,
      headers: { origin: 'https://evil.example' },
    });
    holds(path, method.toLowerCase(), answer.status, 'application/json', await answer.json());
    if (isOpen) continue;
    // A WebSocket says first that it is one.
    const refused = await fetch(`http://127.0.0.1:${api.port}${path}`, { method });
    holds(path, method.toLowerCase(), refused.status, 'application/json', await refused.json());
  }
});
