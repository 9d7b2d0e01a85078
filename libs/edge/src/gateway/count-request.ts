import { EventType } from '@ccgame/protocol';
import { endSpan, rpcContext } from '@ccgame/rpc';
import { countResult } from '../request-figures.js';
import type { ClientEvent } from './client-event.js';
import type { PlayerSession } from './player-session.js';

/** Called once for each event, when it is answered: its trace ends too. @param result `ok`, or the error code */
export function countRequest(session: PlayerSession, event: Omit<ClientEvent, 'ack'>, result: string): void {
  countResult(labelOf(session, event), result);
  const { span } = rpcContext.get();
  if (span) endSpan(span, result === 'ok' ? undefined : result);
}

/** A declared route, or an event that a gateway listens to; clients may spell any others. */
export function labelOf(
  { routes, handlers }: PlayerSession,
  { name, data }: Omit<ClientEvent, 'ack'>,
): string {
  if (isMessage(name)) return routes.labelOf((data as { route?: unknown } | null | undefined)?.route);
  return handlers.some(({ message }) => message === name) ? name : 'other';
}

/** Whether it carries a route. */
export function isMessage(name: string): boolean {
  return name === (EventType.REQUEST as string) || name === (EventType.NOTIFY as string);
}
