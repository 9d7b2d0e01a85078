import type { RoomChanged, RoomClosed, RoomState } from '../room-protocol.js';
import type {
  HandshakeAuth,
  ResumeFrom,
  SessionClosed,
  SessionOpened,
  TokenRenewed,
} from '../session-protocol.js';
import type { GatewayError } from '../gateway-message.dto.js';

type Schema = Record<string, unknown>;

const text = { type: 'string' };
const flag = { type: 'boolean' };
const whole = { type: 'integer', minimum: 0 };
const place = {
  room: { ...text, description: '`<server type>.<entity>.<id>`' },
  stream: text,
  n: { ...whole, description: 'Counts the changes of the stream' },
};

/** An object of exactly the fields of `T`: one that is missing here, or there, doesn't compile. */
function objectOf<T>(properties: { [K in keyof Required<T>]: Schema }, required: (keyof T)[]): Schema {
  return { type: 'object', properties, required };
}

/** The protocol's own types, which stand in `session-protocol.ts` in TypeScript. */
export const sessionSchemas: Record<string, Schema> = {
  HandshakeAuth: objectOf<HandshakeAuth>(
    {
      token: { ...text, description: 'Of the login' },
      version: { ...text, examples: ['1.0.0000'] },
      protocol: { const: 1, description: 'The client understands the pushes about the session itself' },
      resume: { $ref: '#/components/schemas/ResumeFrom' },
      instance: { ...text, maxLength: 64, description: 'New at each start of the client' },
      pid: { ...text, description: 'Written by socket.io’s client alone' },
      offset: { ...text, description: 'Written by socket.io’s client alone' },
      recovery: { ...flag, description: 'Without `protocol`: whether socket.io resumes by itself' },
    },
    ['token'],
  ),
  ResumeFrom: objectOf<ResumeFrom>(
    {
      session: { ...text, description: 'Of `session.opened`' },
      position: { ...whole, description: 'The highest that any push had' },
      moving: { ...flag, description: 'The first socket stays open until this one is' },
    },
    ['session', 'position'],
  ),
  SessionOpened: objectOf<SessionOpened>(
    {
      session: text,
      playerId: text,
      position: { ...whole, description: 'Pushes above it follow' },
      recovered: { ...flag, description: 'False: pushes may be missing, or the session is another one' },
      notRecovered: { enum: ['expired', 'unknown-session', 'ahead'] },
      serverId: text,
      version: text,
      tokenExpiresInMs: whole,
      retryPolicies: {
        type: 'object',
        additionalProperties: { enum: ['safe', 'once'] },
        description: 'The routes that may be sent again after a break',
      },
    },
    ['session', 'position', 'recovered', 'serverId', 'version', 'retryPolicies'],
  ),
  SessionClosed: objectOf<SessionClosed>(
    {
      code: { ...text, examples: ['KICKED', 'DUPLICATE', 'TOKEN_EXPIRED', 'BANNED', 'DRAINING'] },
      reconnect: { ...flag, description: 'Whether connecting again makes sense' },
      retryAfterMs: whole,
      reason: { ...text, description: 'Of REMOVED and BANNED: the operator’s words' },
      until: { ...whole, description: 'Of BANNED: epoch ms' },
    },
    ['code', 'reconnect'],
  ),
  RoomState: objectOf<RoomState>({ ...place, state: { type: 'object' } }, ['room', 'stream', 'n', 'state']),
  RoomChanged: objectOf<RoomChanged>(
    { ...place, change: { type: 'object', description: 'By the key of an object, or the index in a list' } },
    ['room', 'stream', 'n'],
  ),
  RoomClosed: objectOf<RoomClosed>({ room: text, why: { enum: ['ended', 'left'] } }, ['room', 'why']),
  TokenRenewed: objectOf<TokenRenewed>({ tokenExpiresInMs: whole }, []),
  Error: objectOf<GatewayError>(
    {
      code: { ...text, examples: ['INVALID', 'RATE_LIMITED', 'NO_SERVER', 'TIMEOUT'] },
      message: text,
      retryable: {
        ...flag,
        description: 'The same Request may be sent again without its work being done twice',
      },
      details: {},
      retryAfterMs: whole,
    },
    ['code', 'message', 'retryable'],
  ),
  Refusal: {
    type: 'object',
    description: 'The `data` of a CONNECT_ERROR',
    properties: { code: text, retryable: flag, details: {}, retryAfterMs: whole },
    required: ['code', 'retryable'],
  },
};
