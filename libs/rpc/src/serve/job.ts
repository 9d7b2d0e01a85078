import { type Span, SpanKind } from '@opentelemetry/api';
import { BaseRpcContext } from '@nestjs/microservices';
import type { RpcContext } from '../context.js';
import type { Handler } from './handler.js';
import { contextWithin, isTracing, startSpan } from '../trace/spans.js';

/** The value that `@Ctx()` gives a handler. */
export class RpcHandlerContext extends BaseRpcContext<[Job]> {
  /** The subject that the call came by; empty where this process made it itself. */
  get subject(): string {
    return this.args[0].subject;
  }

  get rpc(): RpcContext {
    return this.args[0].context;
  }
}

/** One call that this server has, waiting or running. */
export abstract class Job {
  span?: Span;
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
    public context: RpcContext,
    readonly arrivedAt: number,
  ) {}

  abstract readonly subject: string;
  /** Where the answer goes over NATS; empty where it does not. */
  abstract readonly reply: string;
  /** The type of the server that asked; undefined where nobody waits. */
  abstract readonly callerType: string | undefined;
  /** It came as calls do. */
  abstract readonly isCall: boolean;
  /** Its caller wants to be told that it is being worked on. */
  abstract readonly wantsWorking: boolean;

  /** @throws RpcError INVALID for what can't be read */
  abstract readPayload(): unknown;
  /** Returns the code that the caller gets where the result can't be sent. */
  abstract sendResult(data: unknown): string | undefined;
  /** Returns the code that the caller gets. */
  abstract sendFailure(error: unknown, status?: 'refused'): string;
  abstract sendWorking(): void;

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
