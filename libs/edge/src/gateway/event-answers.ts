import { EventType } from '@ccgame/protocol';
import { JsonText } from '@ccgame/rpc';
import type { ClientEvent } from './client-event.js';
import { countRequest } from './count-request.js';
import { echoOf } from './envelope.js';
import type { PlayerSession } from './player-session.js';
import { publicErrorOf } from './public-error.js';

/** Answers a Request by a Response; a client that passed a callback gets it there too. */
export function respond(
  session: PlayerSession,
  { data: message, ack }: Pick<ClientEvent, 'data' | 'ack'>,
  field: 'data' | 'error',
  value: unknown,
): void {
  const echo = echoOf(message);
  const json = value instanceof JsonText ? value.json : JSON.stringify(value);
  const id = echo.timestamp === undefined ? '' : `,"timestamp":${echo.timestamp}`;
  session.send('Response', `{"route":${JSON.stringify(echo.route)}${id},"${field}":${json}}`);
  ack?.({ ...echo, [field]: value instanceof JsonText ? value.parse() : value });
}

/**
 * Tells the client of an error where it can know what it is about: a Request's in its Response, a Notify's only when it came too
 * fast or the player is muted, and another event's in its acknowledgement, or as the event `exception`.
 */
export function answerWithError(session: PlayerSession, event: ClientEvent, error: unknown): void {
  const told = publicErrorOf(error);
  countRequest(session, event, told.code);
  const { name, ack } = event;
  if (name === (EventType.REQUEST as string)) respond(session, event, 'error', told);
  else if (name === (EventType.NOTIFY as string)) {
    if (told.code === 'RATE_LIMITED' || told.code === 'MUTED') respond(session, event, 'error', told);
  } else if (ack) ack({ error: told });
  else session.emit('exception', { event: name, error: told });
}

/** The route and data of a message, which may be anything. */
export function partsOf(message: unknown): { route?: unknown; data?: unknown } {
  return message ?? {};
}
