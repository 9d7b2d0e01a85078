import { EventType } from '../event-type.js';

/** A JSON Schema. */
export type Schema = Record<string, unknown>;

/** The id of a Request within its session. */
const timestamp = {
  type: 'integer',
  minimum: 0,
  description: 'The Request’s id: each higher than the one before',
};
const position = { type: 'integer', description: 'The place of a reliable push in the push log' };
const version = {
  type: 'string',
  description: 'The Request goes to servers of this version instead of the session’s',
};
const traceparent = {
  type: 'string',
  maxLength: 128,
  description: 'The trace that the client records the Request in (W3C trace context)',
};

/** A message of AsyncAPI: an event of socket.io, whose one argument is the payload. */
interface Message {
  name: string;
  title: string;
  summary?: string;
  payload: Schema;
}

function envelope(route: string, fields: Schema, required: string[]): Schema {
  return {
    type: 'object',
    properties: { route: { const: route }, ...fields },
    required: ['route', ...required],
  };
}

/** A request in the AsyncAPI document. @param data the schema of its payload */
export function requestMessage(route: string, data: Schema): Message {
  const payload = envelope(route, { data, timestamp, version, traceparent }, ['data', 'timestamp']);
  return { name: EventType.REQUEST, title: route, payload };
}

/** The answer to a request in the AsyncAPI document. @param data the schema of its result */
export function responseMessage(route: string, data: Schema): Message {
  const fields = { timestamp, data, error: { $ref: '#/components/schemas/Error' } };
  return {
    name: EventType.RESPONSE,
    title: `the answer of ${route}`,
    summary: 'Has `error`, or else `data` where the handler gives any',
    payload: envelope(route, fields, ['timestamp']),
  };
}

/** A push in the AsyncAPI document. @param data the schema of its payload */
export function pushMessage(route: string, data: Schema): Message {
  return { name: EventType.PUSH, title: route, payload: envelope(route, { data, position }, ['data']) };
}
