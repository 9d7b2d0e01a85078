import { type Span, SpanKind } from '@opentelemetry/api';
import type { NatsConnection } from '@nats-io/nats-core';
import type { NatsHealth } from '@ccgame/nats';
import { Call, callError, type CallSink } from './call.js';
import { rpcContext } from '../context.js';
import { RpcError } from '../errors.js';
import { CallFigures } from './call-figures.js';
import { callSpan, endCallSpan } from './call-span.js';
import { deadlineOf } from './deadline.js';
import { madeCalls } from '../metrics.js';
import { Gathering, type Gathered, type IsEnough } from './gathering.js';
import { ReplyInbox } from './reply-inbox.js';
import { Liveness } from './liveness.js';
import type { Route } from './route.js';
import { decodeHops, type Hop, mostHops, notableShare } from '../slow/hop.js';
import { ReachableServers } from './reachable-servers.js';
import { Siblings } from './siblings.js';
import { contextWithin, endSpan } from '../trace/spans.js';
import { askedCalls } from '../wire/asked-calls.js';
import { aliveSubject, subjects } from '../wire/subjects.js';
import { encodeBody } from '../wire/wire-body.js';
import { requestHeaders, withTimeLeft } from '../wire/wire-headers.js';

const connectionBroke = 'The connection to NATS broke with the call in flight';
/** How many siblings are asked after one server refused. */
const maxSiblings = 2;

/** Publishes calls and keeps them until they are answered. Knows routes, not targets. */
export class RpcClient implements CallSink {
  private readonly inbox: ReplyInbox;
  private readonly liveness: Liveness;
  private readonly endings: (() => void)[];
  private readonly figures = new CallFigures();
  private readonly listFigures = () => this.figures.listStats();
  private readonly gather = (route: Route, timeoutMs: number): Promise<Gathered<unknown>[]> =>
    this.gatherReplies(route, undefined, timeoutMs);
  private readonly siblings = new Siblings(this.gather);
  readonly servers = new ReachableServers(this.gather);

  /** @param slowMs a call that takes longer is logged, and one of a tenth of that may be part of another's line */
  constructor(
    private readonly nats: NatsConnection,
    health: NatsHealth,
    private readonly slowMs: number,
  ) {
    this.inbox = new ReplyInbox(nats);
    this.endings = [
      health.onDenied((subject) => this.failDenied(subject)),
      health.onChange((connected) => connected || this.inbox.loseAll(connectionBroke)),
    ];
    madeCalls.add(this.listFigures);
    this.liveness = new Liveness(this.inbox, (serverId, token, calls) =>
      nats.publish(aliveSubject(serverId), askedCalls(calls), { reply: this.inbox.subject(token) }),
    );
  }

  /** @throws RpcError; never resolves twice, never hangs. */
  sendCall(route: Route, data: unknown, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject: (error: unknown) => void) => {
      const now = performance.now();
      const deadline = deadlineOf(now, timeoutMs);
      if (deadline <= now) {
        throw callError('TIMEOUT', route, { message: 'The time was up before the call was sent' });
      }
      const bytes = encodeBody(data);
      const span = callSpan(route);
      const headers = this.headersFor(deadline - now, data, false, span);
      this.checkSize(route, headers.length + bytes.length);
      const token = this.inbox.nextToken();
      const call = new Call(
        token,
        route,
        bytes,
        headers,
        deadline,
        now,
        rpcContext.get().hops,
        this,
        resolve,
        reject,
      );
      call.span = span;
      this.publishRequest(route, route.subject, bytes, headers, token);
      this.inbox.addSink(token, call);
      this.liveness.watchCall();
    });
  }

  private async sendToSibling(call: Call, refusedBy: readonly string[]): Promise<boolean> {
    const sibling = await this.siblings.otherThan(call.route, refusedBy);
    const now = performance.now();
    if (sibling === undefined || !this.inbox.sinkOf(call.token) || call.deadline <= now) {
      return false;
    }
    const { route, bytes, token } = call;
    const headers = withTimeLeft(call.headers, Math.ceil(call.deadline - now));
    call.sentAt = now;
    call.sibling = sibling;
    this.publishRequest(route, subjects.id(route.scope, sibling, route.handler), bytes, headers, token);
    return true;
  }

  gatherReplies(
    route: Route,
    data: unknown,
    timeoutMs: number,
    isEnough: IsEnough = () => false,
  ): Promise<Gathered<unknown>[]> {
    return new Promise((resolve, reject: (error: RpcError) => void) => {
      const now = performance.now();
      const deadline = deadlineOf(now, timeoutMs);
      const bytes = encodeBody(data);
      const span = callSpan(route);
      const headers = this.headersFor(deadline - now, data, true, span);
      this.checkSize(route, headers.length + bytes.length);
      const token = this.inbox.nextToken();
      const settle =
        <A>(settler: (argument: A) => void) =>
        (argument: A): void => {
          this.inbox.removeSink(token);
          if (span) endSpan(span);
          settler(argument);
        };
      const gathering = new Gathering(route, deadline, isEnough, settle(resolve), settle(reject));
      this.inbox.addSink(token, gathering);
      this.publishRequest(route, route.subject, bytes, headers, token);
    });
  }

  sendNotice(route: Route, data: unknown): void {
    const bytes = encodeBody(data);
    const span = callSpan(route, SpanKind.PRODUCER);
    const context = span ? contextWithin(span) : rpcContext.get();
    const headers = requestHeaders(context, undefined, data instanceof Uint8Array);
    if (span) endSpan(span);
    this.checkSize(route, headers.length + bytes.length);
    this.nats.publish(route.subject, bytes, { headers });
  }

  get inFlight(): number {
    return this.inbox.size;
  }

  /** NATS refuses to carry calls on this subject: the account of this process has no permission. */
  private failDenied(subject: string): void {
    for (const call of this.inbox.listSinks()) {
      if (call instanceof Call && call.route.subject === subject) {
        call.failWith(callError('FORBIDDEN', call.route, { message: 'NATS does not permit this call' }));
      }
    }
  }

  close(): void {
    for (const end of this.endings) end();
    this.inbox.close();
    madeCalls.delete(this.listFigures);
    this.liveness.stopWatching();
  }

  endCall(call: Call, failedWith = 'ok'): void {
    this.inbox.removeSink(call.token);
    const ms = performance.now() - call.begunAt;
    if (call.span) endCallSpan(call.span, call, failedWith);
    this.figures.recordCall(call.route, call.isAnswered, failedWith, ms);
    if (call.hopsOfCaller && ms >= this.slowMs * notableShare)
      addHop(call, call.hopsOfCaller, ms, failedWith);
  }

  /** Counts a call that could not be sent. */
  recordUnsent(route: Route, code: string): void {
    this.figures.recordCall(route, false, code, 0);
  }

  /** Only where any server of the type will do, and only so often that overload doesn't breed load. */
  resendElsewhere(call: Call, refused: RpcError, serverId: string): boolean {
    const refusedBy = (call.refusedBy ??= []);
    refusedBy.push(serverId);
    call.refusal = refused;
    if (call.route.kind !== 'any' || refusedBy.length > maxSiblings) {
      return false;
    }
    // That one's end, or its word that it has it no longer, is not the call's.
    call.server = undefined;
    call.sentAt = performance.now();
    this.sendOrFail(call, refusedBy);
    return true;
  }

  siblingGone(call: Call, serverId: string): void {
    // While it stops, it may still answer a ping.
    const refusedBy = (call.refusedBy ??= []);
    refusedBy.push(serverId);
    this.siblings.forgetServer(call.route, call.sentAt);
    this.sendOrFail(call, refusedBy);
  }

  private sendOrFail(call: Call, refusedBy: readonly string[]): void {
    const fail = (): void => call.failWith(call.refusal ?? callError('NO_SERVER', call.route));
    void this.sendToSibling(call, refusedBy).then((sent) => sent || fail(), fail);
  }

  private headersFor(
    leftMs: number,
    data: unknown,
    named = false,
    span?: Span,
  ): ReturnType<typeof requestHeaders> {
    return requestHeaders(
      span ? contextWithin(span) : rpcContext.get(),
      Math.ceil(leftMs),
      data instanceof Uint8Array,
      named,
    );
  }

  private checkSize(route: Route, size: number): void {
    const limit = this.nats.info?.max_payload ?? Infinity;
    if (size > limit) {
      throw callError('TOO_LARGE', route, { details: { bytes: size, limit } });
    }
  }

  private publishRequest(
    route: Route,
    subject: string,
    bytes: Uint8Array,
    headers: ReturnType<typeof requestHeaders>,
    token: number,
  ): void {
    try {
      this.nats.publish(subject, bytes, { headers, reply: this.inbox.subject(token) });
    } catch (cause) {
      throw cause instanceof RpcError ? cause : callError('NO_SERVER', route, { cause });
    }
  }
}

/** Adds the hop of a call that took long to those of the call that is handled here. */
function addHop(
  { route, server, answeredBy = server, hops }: Call,
  others: Hop[],
  ms: number,
  result: string,
): void {
  if (others.length >= mostHops) return;
  const to =
    answeredBy?.split('/')[0] ??
    route.serverId ??
    [route.serverType, route.version].filter(Boolean).join(' ');
  others.push({
    to,
    handler: route.handler,
    ms: Math.round(ms),
    ...(result !== 'ok' && { failed: result }),
    ...(hops !== undefined && { hops: decodeHops(hops) }),
  });
}
