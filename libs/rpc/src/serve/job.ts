import { type Span, SpanKind } from '@opentelemetry/api';
import type { Msg } from '@nats-io/nats-core';
import { BaseRpcContext } from '@nestjs/microservices';
import type { RpcContext } from '../context.js';
import type { Handler } from './handler.js';
import { isInbox } from '../wire/subjects.js';
import { contextWithin, isTracing, startSpan } from '../trace/spans.js';
import type { RequestHead } from '../wire/wire-headers.js';

/** The value that `@Ctx()` gives a handler. */
export class RpcHandlerContext extends BaseRpcContext<[Job]> {
  /** The subject that the call came by. */
  get subject(): string {
    return this.args[0].message.subject;
  }

  get rpc(): RpcContext {
    return this.args[0].context;
  }
}

/** One call that this server has, waiting or running. */
export class Job {
  context: RpcContext;
  span?: Span;
  readonly binary: boolean;
  /** Where the answer goes; empty where nobody waits. */
  readonly reply: string;
  /** Its caller has to know who answers. */
  readonly isNamed: boolean;
  /** Its caller wants to be told that it is being worked on. */
  readonly wantsWorking: boolean;
  /** A client of this engine sent it: see {@link RequestHead}. */
  readonly isCall: boolean;
  state: 'waiting' | 'running' | 'done' = 'waiting';
  /** Whether its caller was told that we have it. */
  announced = false;
  startedAt = 0;
  endedAt = 0;
  /** Took so long that its caller is told where the time was spent. */
  isNotable = false;
  /** Among the calls that its server has; -1 when it is not there. */
  place = -1;

  constructor(
    readonly handler: Handler,
    readonly message: Msg,
    head: RequestHead,
    /** Came to every server of the type. */
    isBroadcast: boolean,
    readonly arrivedAt: number,
  ) {
    this.reply = isInbox(message.reply) ? message.reply : '';
    this.isCall = head.isCall;
    this.wantsWorking = head.wantsWorking === true;
    this.binary = head.binary;
    this.isNamed = isBroadcast || head.named === true;
    this.context = {
      version: head.version,
      deadline: head.leftMs === undefined ? undefined : arrivedAt + head.leftMs,
      traceparent: head.traceparent,
      attributes: head.attributes,
      route: handler.name,
      hops: [],
    };
  }

  /** The type of the server that asked, by its inbox; undefined where nobody waits. */
  get callerType(): string | undefined {
    return this.reply === '' ? undefined : this.reply.split('.', 2)[1];
  }

  /** To be called when it begins. Does nothing without an SDK. */
  startTrace(): void {
    if (!isTracing()) return;
    const { handler, context } = this;
    this.span = startSpan(
      handler.name,
      SpanKind.SERVER,
      () => ({
        'rpc.system': 'ccgame',
        'rpc.method': handler.name,
        'ccgame.caller': this.callerType,
        'ccgame.player': context.attributes.uid,
        'ccgame.queued_ms': Math.round(this.startedAt - this.arrivedAt),
      }),
      context,
    );
    if (this.span) this.context = contextWithin(this.span, context);
  }

  isLate(now: number): boolean {
    return this.context.deadline !== undefined && this.context.deadline <= now;
  }
}
