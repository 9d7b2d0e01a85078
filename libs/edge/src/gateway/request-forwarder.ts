import { Injectable } from '@nestjs/common';
import { Config, namedVersion } from '@ccgame/config';
import { EventType, type GatewayMessageDto } from '@ccgame/protocol';
import { TrafficCounter } from '@ccgame/releases';
import {
  codeOf,
  httpStatusOf,
  type RpcContext,
  rpcContext,
  RpcError,
  RpcService,
  slowLog,
  type Target,
} from '@ccgame/rpc';
import { Abusers } from '../limits/abusers.js';
import { PlayerRoutes } from '../routes/player-routes.js';
import { recordRequestTime } from '../request-figures.js';
import { countRequest } from './count-request.js';
import { checkEnvelope, requestIdOf } from './envelope.js';
import type { Acknowledge, ClientEvent } from './client-event.js';
import { answerWithError, respond } from './event-answers.js';
import { maxInFlight, tooManyInFlight } from './in-flight.js';
import { LocalHandlers } from './local-handlers.js';
import { MessageCaller, type PlayerMessage } from './message-caller.js';
import { OrderedCalls } from './ordered-calls.js';
import type { PlayerSession } from './player-session.js';
import { VersionPinning } from './version-pinning.js';

/** Nobody waits any more for a call whose turn comes later, ms: the SDK waits as long for an answer. */
const longestTurnMs = 10_000;

type MessageContext = RpcContext & { version: string };

/** Carries a player's messages to the servers that answer them. */
@Injectable()
export class RequestForwarder {
  private readonly slowMs = Config.SLOW_REQUEST_SECONDS * 1_000;

  constructor(
    private readonly rpc: RpcService,
    private readonly local: LocalHandlers,
    private readonly caller: MessageCaller,
    private readonly versions: VersionPinning,
    private readonly traffic: TrafficCounter,
    private readonly abusers: Abusers,
    private readonly routes: PlayerRoutes,
  ) {}

  /** Answers by one Response. */
  forwardRequest(session: PlayerSession, message: GatewayMessageDto, ack?: Acknowledge): void {
    try {
      this.callServer(session, checkEnvelope(message), ack);
    } catch (error) {
      this.refuse(session, { name: EventType.REQUEST, data: message, ack }, error);
    }
  }

  /** Answers nothing, not even an error. */
  forwardNotify(session: PlayerSession, message: GatewayMessageDto): void {
    try {
      this.tellServer(session, checkEnvelope(message));
    } catch (error) {
      this.refuse(session, { name: EventType.NOTIFY, data: message }, error);
    }
  }

  private refuse(session: PlayerSession, event: ClientEvent, error: unknown): void {
    answerWithError(session, event, error);
    this.abusers.recordRefusal(session, error);
  }

  private callServer(session: PlayerSession, message: GatewayMessageDto, ack?: Acknowledge): void {
    assertRoom(session);
    const target = this.routes.targetOf(message, session, this.rpc);
    const context = this.contextOf(session, message);
    const { version } = context;
    const startedAt = performance.now();
    const route = this.routes.labelOf(message.route);
    const event: ClientEvent = { name: EventType.REQUEST, data: message, ack };
    // Without an id, a repeated call could not be known again.
    const isRepeatable = message.timestamp !== undefined && this.routes.knowsRepeats(message.route);
    const answered = this.callInOrder(session, message, (after) =>
      this.callTarget(session, target, {
        playerId: session.playerId,
        message,
        context: contextAfter(context, after),
        knowsRepeats: isRepeatable,
      }),
    );
    session.inFlight += 1;
    const answerFailure = (error: unknown): void => {
      session.inFlight -= 1;
      const ms = performance.now() - startedAt;
      recordRequestTime(route, ms, codeOf(error));
      this.traffic.countRequest(version, route, httpStatusOf(codeOf(error)), ms, session.playerId);
      rpcContext.run(context, () => answerWithError(session, event, error));
      this.tellIfSlow(context, ms, codeOf(error));
    };
    answered.then((data) => {
      if (data instanceof Uint8Array) return answerFailure(bytesOf(route));
      const ms = performance.now() - startedAt;
      session.inFlight -= 1;
      countRequest(session, event, 'ok');
      recordRequestTime(route, ms);
      this.traffic.countRequest(version, route, 200, ms, session.playerId);
      respond(session, event, 'data', data ?? null);
      this.tellIfSlow(context, ms);
    }, answerFailure);
  }

  private callInOrder(
    session: PlayerSession,
    { route, timestamp }: GatewayMessageDto,
    call: (after?: string) => Promise<unknown>,
  ): Promise<unknown> {
    if (!this.routes.isOrdered(route)) return call();
    session.ordered ??= new OrderedCalls();
    const id = timestamp !== undefined && this.routes.knowsOrder(route) ? String(timestamp) : undefined;
    const since = performance.now();
    return session.ordered.callInOrder(route, id, (after) => {
      assertWanted(since);
      return call(after);
    });
  }

  private tellServer(session: PlayerSession, message: GatewayMessageDto): void {
    assertRoom(session);
    const target = this.routes.targetOf(message, session, this.rpc);
    const context = this.contextOf(session, message);
    const event: ClientEvent = { name: EventType.NOTIFY, data: message };
    const startedAt = performance.now();
    const count = (status: number): void => {
      const { route } = message;
      // The other servers answer nothing.
      if (!this.routes.isKeyed(route)) return;
      const ms = performance.now() - startedAt;
      this.traffic.countRequest(context.version, this.routes.labelOf(route), status, ms, session.playerId);
    };
    const sent = this.callInOrder(session, message, (after) =>
      this.sendNotify(session, target, message, contextAfter(context, after)),
    );
    session.inFlight += 1;
    sent.then(
      () => {
        session.inFlight -= 1;
        countRequest(session, event, 'ok');
        count(200);
      },
      (error: unknown) => {
        session.inFlight -= 1;
        count(httpStatusOf(codeOf(error)));
        rpcContext.run(context, () => answerWithError(session, event, error));
      },
    );
  }

  /**
   * Only an answer tells that the owner of a key is elsewhere. Anything else leaves at once where it can: a Request that comes right after
   * it must not overtake it.
   */
  private sendNotify(
    session: PlayerSession,
    target: Target<string> | Promise<Target<string>>,
    message: GatewayMessageDto,
    context: MessageContext,
  ): Promise<unknown> {
    if (this.routes.isKeyed(message.route))
      return this.callTarget(session, target, {
        playerId: session.playerId,
        message,
        context,
        knowsRepeats: false,
      });
    const send = (to: Target<string>): Promise<unknown> =>
      this.local.callHandler(session, to, message.data, context) ??
      rpcContext.run(context, () => this.rpc.sendRPC(to, message.data));
    return target instanceof Promise ? target.then(send) : send(target);
  }

  private callTarget(
    session: PlayerSession,
    target: Target<string> | Promise<Target<string>>,
    call: PlayerMessage,
  ): Promise<unknown> {
    if (target instanceof Promise) return target.then((to) => this.callTarget(session, to, call));
    const here = this.local.callHandler(session, target, call.message.data, call.context);
    return here ?? this.caller.callTarget(target, call);
  }

  /**
   * The event's, with the message's id, so that a handler declared `once` knows it again; and where the message names a version
   * that one, with the session's own as an attribute.
   *
   * @throws RpcError VERSION_GONE
   */
  private contextOf({ version: pinned }: PlayerSession, message: GatewayMessageDto): MessageContext {
    const version = this.versions.ofMessage(pinned, namedVersion(message.version));
    const context = rpcContext.get();
    const requestId = requestIdOf(message);
    // Most often it is the event's own, which is entered already.
    if (version === context.version && requestId === context.requestId) return context as MessageContext;
    const { attributes: own, traceparent, route, hops, span } = context;
    const attributes = version === pinned ? own : { ...own, pinned };
    return { version, attributes, requestId, traceparent, route, hops, span };
  }

  /** With the calls that it waited for. */
  private tellIfSlow(context: RpcContext, ms: number, failed?: string): void {
    if (ms < this.slowMs) return;
    rpcContext.run(context, () => slowLog.tell({ event: 'request.slow', ms, failed, hops: context.hops }));
  }
}

/** Servers give each other bytes, but a Response is JSON, which would show each of them as a field of its own. */
function bytesOf(route: string): Error {
  return new Error(`The handler of ${route} returned bytes, which can not be sent to a player`);
}

/** @throws RpcError BUSY */
function assertRoom({ inFlight }: PlayerSession): void {
  if (inFlight >= maxInFlight) throw tooManyInFlight();
}

/** For a call whose turn has come. @throws RpcError BUSY, as it has not begun */
function assertWanted(since: number): void {
  if (performance.now() - since > longestTurnMs)
    throw new RpcError('BUSY', { message: 'The call waited for its turn too long' });
}

/** @param after the message of the player's call before, which has to have been done */
function contextAfter(context: MessageContext, after: string | undefined): MessageContext {
  return after === undefined ? context : { ...context, attributes: { ...context.attributes, after } };
}
