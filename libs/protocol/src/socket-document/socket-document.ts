import { type DtoClass, DtoSchemas, type HandlerContract } from '@ccgame/rpc';
import { EventType } from '../event-type.js';
import type { RoomViewPushes } from '../room-protocol.js';
import { renewRoute, type SessionPushes } from '../session-protocol.js';
import { pushMessage, requestMessage, responseMessage, type Schema } from './messages.js';
import { sessionSchemas } from './session-schemas.js';

/** A game's contracts, of which the document is made. */
export interface SocketContracts {
  clientHandlers: Record<string, HandlerContract>;
  /** The class of each push, by route. */
  pushes: Record<string, DtoClass>;
}

/** How the document introduces the game. */
export interface SocketDocumentHead {
  title: string;
  version: string;
  /** Without a scheme, `play.example.com`. */
  host: string;
}

type Shape = HandlerContract['payload'];

const pointer = '#/components/schemas/';
const reference = (name: string): Schema => ({ $ref: pointer + name });
const channel = { $ref: '#/channels/socket' };

const ownPushes: Record<keyof (SessionPushes & RoomViewPushes), Schema> = {
  'session.opened': reference('SessionOpened'),
  'session.position': { type: 'object' },
  'session.move': { type: 'object', properties: { withinMs: { type: 'integer' } }, required: ['withinMs'] },
  'session.closed': reference('SessionClosed'),
  'room.state': reference('RoomState'),
  'room.change': reference('RoomChanged'),
  'room.closed': reference('RoomClosed'),
};

/**
 * The socket API as AsyncAPI 3: what players may ask and what servers push, made of the contracts that check them. The connector is the
 * application: it receives Requests and sends pushes. `docs/protocol.md` has what the format has no words for.
 */
export function socketDocument(
  { clientHandlers, pushes }: SocketContracts,
  { title, version, host }: SocketDocumentHead,
): Schema {
  const schemas = new DtoSchemas({ pointer, purpose: 'describe' });
  const parts = new DocumentParts();
  parts.addHandshake();
  for (const [route, data] of Object.entries(ownPushes)) parts.addPush(route, data);
  const token = { type: 'object', properties: { token: { type: 'string' } }, required: ['token'] };
  parts.addRequest(renewRoute, token, reference('TokenRenewed'));
  for (const { serverType, handler, payload, result, retryPolicy } of Object.values(clientHandlers)) {
    const [takes, gives] = [schemaOf(payload, schemas), schemaOf(result, schemas)];
    parts.addRequest(`${serverType}.${handler}`, takes, gives, retryPolicy);
  }
  for (const [route, push] of Object.entries(pushes)) parts.addPush(route, schemas.referenceTo(push));
  return {
    asyncapi: '3.0.0',
    info: { title, version, description },
    defaultContentType: 'application/json',
    servers: { players: { host, pathname: '/socket.io/', protocol: 'wss', description: transport } },
    channels: { socket: { address: '/', title: 'A player’s socket', messages: parts.references } },
    operations: parts.operations,
    components: { schemas: { ...sessionSchemas, ...shownSchemas(schemas) }, messages: parts.messages },
  };
}

const transport =
  'socket.io protocol 5 on engine.io 4, WebSocket alone: `?EIO=4&transport=websocket`, default namespace.';
const description =
  'Each message is an event of socket.io, by its `name`, with the payload as its one argument. The handshake, positions, ' +
  'resuming, moves and limits are told in docs/protocol.md. A Request may be sent as `Notify` too, and gets no answer then.';

/** Messages and operations, which name each other. */
class DocumentParts {
  readonly messages: Record<string, object> = {};
  readonly operations: Record<string, object> = {};

  get references(): Record<string, object> {
    const names = Object.keys(this.messages);
    return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));
  }

  addHandshake(): void {
    const auth = reference('HandshakeAuth');
    this.messages.CONNECT = { name: 'CONNECT', title: 'the handshake', payload: auth };
    this.messages.CONNECT_ERROR = {
      name: 'CONNECT_ERROR',
      title: 'a refusal',
      payload: reference('Refusal'),
    };
    this.messages[EventType.POSITION] = {
      name: EventType.POSITION,
      title: 'an offset, to a client that socket.io’s recovery resumes',
      payload: { type: 'string' },
    };
    this.addOperation('receive', 'CONNECT', ['CONNECT_ERROR', `${EventType.PUSH}.session.opened`]);
    this.addOperation('send', EventType.POSITION);
  }

  addPush(route: string, data: Schema): void {
    const name = `${EventType.PUSH}.${route}`;
    this.messages[name] = pushMessage(route, data);
    this.addOperation('send', name);
  }

  addRequest(route: string, takes: Schema, gives: Schema, retryPolicy?: string): void {
    const [request, response] = [`${EventType.REQUEST}.${route}`, `${EventType.RESPONSE}.${route}`];
    this.messages[request] = requestMessage(route, takes);
    this.messages[response] = responseMessage(route, gives);
    this.addOperation('receive', request, [response], retryPolicy && { 'x-retry-policy': retryPolicy });
  }

  private addOperation(
    action: 'send' | 'receive',
    message: string,
    replies: string[] = [],
    more: object | '' = {},
  ): void {
    const inChannel = (name: string) => ({ $ref: `#/channels/socket/messages/${name}` });
    const reply = { channel, messages: replies.map(inChannel) };
    this.operations[message] = {
      action,
      channel,
      messages: [inChannel(message)],
      ...(replies.length > 0 && { reply }),
      ...(more || {}),
    };
  }
}

/** The schemas that are shown: nothing is known of a class without rules. */
function shownSchemas({ definitions }: DtoSchemas): Record<string, Schema> {
  const shown = Object.entries(definitions).map(([name, schema]) => {
    const isUnknown = Object.keys(Object(schema.properties) as object).length === 0;
    return [name, isUnknown ? { type: 'object' } : schema] as const;
  });
  return Object.fromEntries(shown);
}

/** Nothing is promised of a handler that declares nothing. */
function schemaOf(shape: Shape, schemas: DtoSchemas): Schema {
  if (shape === undefined) return {};
  if (Array.isArray(shape)) return { type: 'array', items: schemaOf(shape[0] as Shape, schemas) };
  const primitive = primitives.get(shape);
  return primitive ? { type: primitive } : schemas.referenceTo(shape as DtoClass);
}

const primitives = new Map<unknown, string>([
  [String, 'string'],
  [Number, 'number'],
  [Boolean, 'boolean'],
]);
