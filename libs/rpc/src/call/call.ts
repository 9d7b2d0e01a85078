import type { Span } from '@opentelemetry/api';
import type { Msg } from '@nats-io/nats-core';
import { RpcError, type RpcErrorOptions } from '../errors.js';
import type { Hop } from '../slow/hop.js';
import type { Route } from './route.js';
import { decodeBody } from '../wire/wire-body.js';
import { type Headers } from '../wire/header-block.js';
import { readReplyHead, type ReplyHead } from '../wire/reply-headers.js';

/** Something that waits for answers on the process's one inbox. */
export interface Waiting {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  receive(message: Msg): void;
  /** A plain result that came together with others: only those have it that one server alone answers. */
  receiveAnswer?(data: unknown): void;
  /** NATS: nobody listens there. */
  nobody(): void;
  expire(): void;
  /** The server, or NATS, is gone. */
  lose(reason: string): void;
}

/** `matching 1.0.0000 join`, as errors and logs name a target. */
export function routeText(route: Route): string {
  const who = route.serverId ?? [route.serverType, route.version].filter(Boolean).join(' ');
  return `${who} ${route.handler}`;
}

interface RemoteError {
  message?: string;
  retryable?: boolean;
  details?: unknown;
  retryAfterMs?: number;
}

/** The error that another server sent, as it is thrown here. */
export function remoteError(head: ReplyHead, message: Msg, route: Route): RpcError {
  let sent: RemoteError = {};
  try {
    sent = Object(decodeBody(message.data, false)) as RemoteError;
  } catch {
    // An error whose details can't be read is still that error.
  }
  return callError(head.error ?? 'INTERNAL', route, {
    message: sent.message,
    retryable: sent.retryable === undefined ? undefined : sent.retryable === true,
    details: sent.details,
    retryAfterMs: Number.isFinite(sent.retryAfterMs) ? sent.retryAfterMs : undefined,
  });
}

/** An error of a call, which names the call's target. */
export function callError(code: string, route: Route, options: RpcErrorOptions = {}): RpcError {
  return new RpcError(code, { ...options, target: routeText(route) });
}

/** The owner of calls in flight. */
export interface CallSink {
  /** It has its answer, or failed with this code. */
  endCall(call: Call, failedWith?: string): void;
  /** Sends a call elsewhere that its server refused before it began. Answers whether it did; if so, it settles it. */
  resendElsewhere(call: Call, refused: RpcError, serverId: string): boolean;
  /** The sibling that it was sent to isn't there any more: sends it to another one, or fails it with the refusal. */
  siblingGone(call: Call, serverId: string): void;
}

/** One call that waits for its one answer. */
export class Call implements Waiting {
  /** The server that has it, as far as known: `<id>/<incarnation>`. */
  server?: string;
  /** The server that has said once that it does not have it, or not any more. */
  lackedBy?: string;
  sentAt: number;
  /** A server has said something: it has the handler. */
  isAnswered = false;
  /** Its part of a trace, where an SDK records one. */
  span?: Span;
  /** The server that answered, where it says so: `<id>/<incarnation>`. */
  answeredBy?: string;
  /** Where the time was spent, as the answer tells: see `decodeHops`. */
  hops?: string;
  /** Servers that refused it. */
  refusedBy?: string[];
  /** The refusal of the last of them. */
  refusal?: RpcError;
  /** The server that it was sent to after that. */
  sibling?: string;

  constructor(
    readonly token: number,
    readonly route: Route,
    readonly bytes: Uint8Array,
    readonly headers: Headers,
    readonly deadline: number,
    readonly begunAt: number,
    /** The calls that took long of what is handled here. */
    readonly hopsOfCaller: Hop[] | undefined,
    private readonly sink: CallSink,
    private readonly resolve: (data: unknown) => void,
    private readonly reject: (error: RpcError) => void,
  ) {
    this.sentAt = begunAt;
  }

  receive(message: Msg): void {
    this.isAnswered = true;
    const headers = message.headers;
    if (!headers) {
      this.succeedWith(message.data, false);
      return;
    }
    const head = readReplyHead(headers);
    if (head.status === 'working') {
      this.server = head.server;
      return;
    }
    this.answeredBy = head.server;
    this.hops = head.hops;
    if (head.error === undefined) {
      this.succeedWith(message.data, head.binary === true);
      return;
    }
    const error = remoteError(head, message, this.route);
    const refusedBy = head.status === 'refused' ? head.server?.split('/')[0] : undefined;
    if (refusedBy === undefined || !this.sink.resendElsewhere(this, error, refusedBy)) {
      this.failWith(error);
    }
  }

  receiveAnswer(data: unknown): void {
    this.isAnswered = true;
    this.sink.endCall(this);
    this.resolve(data);
  }

  nobody(): void {
    if (this.sibling === undefined) {
      this.failWith(callError('NO_SERVER', this.route));
    } else {
      this.sink.siblingGone(this, this.sibling);
    }
  }

  expire(): void {
    this.failWith(callError('TIMEOUT', this.route));
  }

  lose(reason: string): void {
    this.failWith(callError('GONE', this.route, { message: reason }));
  }

  failWith(error: RpcError): void {
    this.sink.endCall(this, error.code);
    this.reject(error);
  }

  private succeedWith(bytes: Uint8Array, binary: boolean): void {
    this.sink.endCall(this);
    try {
      this.resolve(decodeBody(bytes, binary));
    } catch (cause) {
      this.reject(callError('INTERNAL', this.route, { message: 'The answer is not readable', cause }));
    }
  }
}
