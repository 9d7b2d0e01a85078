import type { Msg } from '@nats-io/nats-core';
import { callError, remoteError, type Waiting } from './call.js';
import type { RpcError } from '../errors.js';
import type { Route } from './route.js';
import { decodeBody } from '../wire/wire-body.js';
import { readReplyHead } from '../wire/reply-headers.js';

/** One server's answer to a broadcast. */
export type Gathered<R> = { serverId: string; data: R } | { serverId: string; error: RpcError };

/** Whether no more answers are waited for. */
export type IsEnough = (answers: readonly Gathered<unknown>[]) => boolean;

/**
 * A broadcast that collects answers until its deadline, or until they are enough. They carry their server's name, so each comes alone. A server that doesn't answer isn't in it; without a
 * connection that is unknown of all of them, so a break fails the whole.
 */
export class Gathering implements Waiting {
  private readonly answers: Gathered<unknown>[] = [];

  constructor(
    private readonly route: Route,
    readonly deadline: number,
    private readonly isEnough: IsEnough,
    private readonly done: (answers: Gathered<unknown>[]) => void,
    private readonly fail: (error: RpcError) => void,
  ) {}

  receive(message: Msg): void {
    const head = message.headers ? readReplyHead(message.headers) : {};
    if (head.status === 'working') {
      return;
    }
    this.answers.push(this.readReply(message, head));
    if (this.isEnough(this.answers)) {
      this.done(this.answers);
    }
  }

  nobody(): void {
    this.done(this.answers);
  }

  expire(): void {
    this.done(this.answers);
  }

  lose(reason: string): void {
    this.fail(callError('GONE', this.route, { message: reason }));
  }

  private readReply(message: Msg, head: ReturnType<typeof readReplyHead>): Gathered<unknown> {
    const serverId = head.server?.split('/')[0] ?? '';
    if (head.error !== undefined) {
      return { serverId, error: remoteError(head, message, this.route) };
    }
    try {
      return { serverId, data: decodeBody(message.data, head.binary === true) };
    } catch {
      return { serverId, error: remoteError({ error: 'INTERNAL' }, message, this.route) };
    }
  }
}
