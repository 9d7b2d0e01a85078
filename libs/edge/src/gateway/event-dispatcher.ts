import { Injectable, Logger } from '@nestjs/common';
import type { MessageMappingProperties } from '@nestjs/websockets';
import { GameErrors } from '@ccgame/protocol';
import { encodeJson, openTrace, type RpcContext, rpcContext, runWithin } from '@ccgame/rpc';
import { Sanctions } from '@ccgame/sessions';
import { isObservable, Observable, takeUntil } from 'rxjs';
import { HookRunner } from '../hooks/hook-runner.js';
import { Abusers } from '../limits/abusers.js';
import { PlayerRoutes } from '../routes/player-routes.js';
import { countRequest, isMessage, labelOf } from './count-request.js';
import type { Acknowledge, ClientEvent } from './client-event.js';
import { requestIdOf } from './envelope.js';
import { answerWithError, partsOf } from './event-answers.js';
import { maxInFlight, tooManyInFlight } from './in-flight.js';
import type { PlayerSession } from './player-session.js';

/** Names of unhandled events that the log tells once; a client may think of any number. */
const maxNames = 100;
const longestName = 64;

/** Gives a player's events to the gateways' handlers: counted, limited, and answered where something is wrong. */
@Injectable()
export class EventDispatcher {
  private readonly log = new Logger('gateway');
  private readonly unhandled = new Set<string>();

  constructor(
    private readonly hooks: HookRunner,
    private readonly abusers: Abusers,
    private readonly routes: PlayerRoutes,
    private readonly sanctions: Sanctions,
  ) {}

  /**
   * @param name as socket.io gives it: a text, a number, nothing, or the callback of an event without a name
   * @param args of the event; the last one may be the client's callback
   */
  receiveEvent(session: PlayerSession, name: unknown, args: unknown[]): void {
    const isText = typeof name === 'string' || typeof name === 'number';
    const values = typeof name === 'function' ? [name] : args;
    const event = eventOf(session, isText ? String(name) : '', values);
    const context = contextOfEvent(session, event, this.hooks.readsMessages);
    if (context.span) runWithin(context.span, context, () => this.checkEvent(session, event));
    else rpcContext.enter(context, this.checkEvent, session, event);
  }

  /** An error here is answered to the one player: an uncaught one would end the process, and the sessions of all others with it. */
  private readonly checkEvent = (session: PlayerSession, event: ClientEvent): void => {
    try {
      this.admitEvent(session, event);
    } catch (error) {
      answerWithError(session, event, error);
    }
  };

  private admitEvent(session: PlayerSession, event: ClientEvent): void {
    const { name } = event;
    const { route, data } = isMessage(name) ? partsOf(event.data) : { route: name, data: event.data };
    const waitMs = session.limits.spendMessage();
    if (waitMs > 0) {
      answerWithError(session, event, GameErrors.RATE_LIMITED({ retryAfterMs: waitMs }));
      return this.abusers.recordOffence(session);
    }
    // No offence: it costs less than one that passes, and is paid for as such.
    const routeWaitMs = session.limits.spendRoute(route, data);
    if (routeWaitMs > 0)
      return answerWithError(session, event, GameErrors.RATE_LIMITED({ retryAfterMs: routeWaitMs }));
    if (this.refuseMuted(session, route, event)) return;
    if (!this.hooks.readsMessages) return this.handOut(session, event);
    this.handOutAfterHooks(session, route, event).catch((error: unknown) =>
      answerWithError(session, event, error),
    );
  }

  /** The session may be over by then, or its player muted. */
  private async handOutAfterHooks(session: PlayerSession, route: unknown, event: ClientEvent): Promise<void> {
    if (session.inFlight >= maxInFlight) return answerWithError(session, event, tooManyInFlight());
    session.inFlight += 1;
    try {
      await this.hooks.checkMessage(session, event.name, event.data);
    } catch (error) {
      return answerWithError(session, event, error);
    } finally {
      session.inFlight -= 1;
    }
    if (!session.isOver && !this.refuseMuted(session, route, event)) this.handOut(session, event);
  }

  private refuseMuted(session: PlayerSession, route: unknown, event: ClientEvent): boolean {
    if (!session.mute || !this.routes.isChat(route)) return false;
    try {
      this.sanctions.assertNotMuted(session.playerId);
      return false;
    } catch (error) {
      answerWithError(session, event, error);
      return true;
    }
  }

  private handOut(session: PlayerSession, event: ClientEvent): void {
    let isHandled = false;
    for (const handler of session.handlers) {
      if (handler.message !== event.name) continue;
      isHandled = true;
      this.handle(session, handler, event);
    }
    if (!isHandled) this.answerUnhandled(session, event);
  }

  private handle(session: PlayerSession, handler: MessageMappingProperties, event: ClientEvent): void {
    const isOwn = !isMessage(event.name);
    if (isOwn && session.inFlight >= maxInFlight) return answerWithError(session, event, tooManyInFlight());
    // The gateway's filters have answered an error within.
    const result: unknown = (handler.callback as (...args: unknown[]) => unknown)(event.data, event.ack);
    // The protocol's own events are counted, and answered, when their answers have come.
    if (isOwn || result !== undefined) void this.answerResult(session, handler, event, result);
  }

  private async answerResult(
    session: PlayerSession,
    { isAckHandledManually }: MessageMappingProperties,
    event: ClientEvent,
    result: unknown,
  ): Promise<void> {
    const isOwn = !isMessage(event.name);
    if (isOwn) session.inFlight += 1;
    const deliver = (value: unknown): void =>
      answerWith(session, value, isAckHandledManually ? undefined : event.ack);
    try {
      const settled = await result;
      // A stream may never end by itself.
      if (isObservable(settled)) await settled.pipe(takeUntil(goneOf(session))).forEach(deliver);
      else deliver(settled);
      if (isOwn) countRequest(session, event, 'ok');
    } catch (error) {
      answerWithError(session, event, error);
    } finally {
      if (isOwn) session.inFlight -= 1;
    }
  }

  private answerUnhandled(session: PlayerSession, event: ClientEvent): void {
    const name = event.name.slice(0, longestName);
    if (this.unhandled.size < maxNames && !this.unhandled.has(name)) {
      this.unhandled.add(name);
      this.log.warn({ event: 'socket.event.unhandled', name });
    }
    const error = GameErrors.UNKNOWN_ROUTE({ details: { event: name } });
    if (event.ack) answerWithError(session, event, error);
    else countRequest(session, event, error.code);
  }
}

function goneOf({ ending }: PlayerSession): Observable<void> {
  return new Observable((gone) => ending.whenGone(() => gone.next()));
}

function eventOf(session: PlayerSession, name: string, args: unknown[]): ClientEvent {
  const last = args.at(-1);
  if (typeof last !== 'function') return { name, data: dataOf(args) };
  const ack: Acknowledge = (...answers) => session.acknowledge(() => (last as Acknowledge)(...answers));
  return { name, data: dataOf(args.slice(0, -1)), ack };
}

const dataOf = (values: unknown[]): unknown => (values.length > 1 ? values : values[0]);

/** A handler's result: `{ event, data }` is an event of its own, and anything else the acknowledgement. */
function answerWith(session: PlayerSession, value: unknown, ack: Acknowledge | undefined): void {
  if (value === undefined || value === null) return;
  const { event, data } = value as { event?: unknown; data?: unknown };
  assertFit(typeof event === 'string' ? data : value);
  if (typeof event === 'string') session.emit(event, data);
  else ack?.(value);
}

/** JSON would make `{}` of a Map or generator, and socket.io leave a client without an answer for a bigint. @throws Error */
function assertFit(value: unknown): void {
  try {
    encodeJson(value ?? null);
  } catch (cause) {
    throw new Error('The handler returned what can not be sent', { cause });
  }
}

/**
 * In which all is done that an event causes: who sent it, and its trace, the client's or a new one. With the message's id, unless hooks see it before:
 * a call of theirs is not the message.
 */
function contextOfEvent(session: PlayerSession, event: ClientEvent, hasHooks: boolean): RpcContext {
  const { version, attributes } = session.context;
  const route = labelOf(session, event);
  const attributesOfSpan = () => ({
    'ccgame.event': event.name.slice(0, longestName),
    'ccgame.player': session.playerId,
  });
  const from = isMessage(event.name)
    ? (event.data as { traceparent?: unknown } | null)?.traceparent
    : undefined;
  const { traceparent, span } = openTrace(route, attributesOfSpan, from);
  const requestId = isMessage(event.name) && !hasHooks ? requestIdOf(event.data) : undefined;
  return { version, attributes, requestId, traceparent, route, hops: [], span };
}
