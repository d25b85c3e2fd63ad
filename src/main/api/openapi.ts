/** @file The API's OpenAPI 3.1 document, made of the table of operations and the schemas that validate. */
import { z } from 'zod';
import { operations, type Operation } from './operations.ts';
import { alertMessage, problemAnswer } from './schemas.ts';

const problemTexts: Record<number, string> = {
  400: 'The request does not fit, or is no HTTP.',
  401: 'No token in force was given.',
  403: 'The host or the origin is not this computer.',
  404: 'What it names is not there.',
  405: 'The path takes another method.',
  408: 'The request came too slowly.',
  409: 'It contradicts what is there, or there is no model yet.',
  413: 'The request is too large.',
  415: 'The content type is not application/json.',
  426: 'The path is a WebSocket.',
  429: 'The token has sent too much; Retry-After says when it may go on.',
  431: 'The headers are too large.',
  500: 'A failure that should not be.',
  503: 'Too much is under way, or the workspace cannot be written; Retry-After says when to try again.',
};
const everywhere = [400, 403, 405, 408, 431, 500, 503];
const withToken = [401, 429];
const withBody = [413, 415];

export function openApiDocument(appVersion: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [operationId, operation] of Object.entries(operations)) {
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = { operationId, ...described(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Surprisal',
      version: appVersion,
      description: 'Judges lines of logs by what a workspace has learned. Served on 127.0.0.1 only.',
    },
    paths,
    components: {
      schemas: { AlertMessage: schemaOf(alertMessage, 'output'), Problem: schemaOf(problemAnswer, 'output') },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function described({ summary, description, isOpen = false, body, answer, problems }: Operation): object {
  const statuses = [...everywhere, ...(isOpen ? [] : withToken), ...(body ? withBody : []), ...problems].sort(
    (a, b) => a - b,
  );
  const problemContent = { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const content = Object.fromEntries(
    Object.entries(answer.types).map(([type, schema]) => [
      type,
      {
        schema: schema
          ? schemaOf(schema, 'output')
          : type === 'application/json'
            ? { type: 'object' }
            : { type: 'string' },
      },
    ]),
  );
  return {
    summary,
    description,
    security: isOpen ? [] : [{ token: [] }],
    ...(body
      ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body.schema, 'input') } } } }
      : {}),
    responses: {
      [answer.status]: { description: answer.description, ...(Object.keys(content).length > 0 ? { content } : {}) },
      ...Object.fromEntries(
        statuses.map((status) => [status, { description: problemTexts[status] ?? '', content: problemContent }]),
      ),
    },
  };
}

/** A document of its own needs no dialect: that of OpenAPI 3.1 is the same one. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      // The format wants an offset; the pattern says what is taken.
      if (jsonSchema.format === 'date-time') delete jsonSchema.format;
    },
  });
  return rest;
}
