import type { Msg } from '@nats-io/nats-core';
import { replyText } from '@ccgame/nats';
import type { Handler } from './handler.js';
import { Job } from './job.js';
import type { Responder } from './responder.js';
import { isInbox } from '../wire/subjects.js';
import { decodeBody } from '../wire/wire-body.js';
import type { RequestHead } from '../wire/wire-headers.js';

/** A call that came over NATS. */
export class RemoteJob extends Job {
  readonly binary: boolean;
  readonly reply: string;
  /** Its caller has to know who answers. */
  readonly isNamed: boolean;
  readonly wantsWorking: boolean;
  /** A client of this engine sent it: see {@link RequestHead}. */
  readonly isCall: boolean;

  constructor(
    handler: Handler,
    private readonly message: Msg,
    head: RequestHead,
    /** Came to every server of the type. */
    isBroadcast: boolean,
    arrivedAt: number,
    private readonly responder: Responder,
  ) {
    super(
      handler,
      {
        version: head.version,
        deadline: head.leftMs === undefined ? undefined : arrivedAt + head.leftMs,
        traceparent: head.traceparent,
        attributes: head.attributes,
        route: handler.name,
        hops: [],
      },
      arrivedAt,
    );
    const reply = replyText(message);
    this.reply = isInbox(reply) ? reply : '';
    this.isCall = head.isCall;
    this.wantsWorking = head.wantsWorking === true;
    this.binary = head.binary;
    this.isNamed = isBroadcast || head.named === true;
  }

  get subject(): string {
    return this.message.subject;
  }

  /** The caller's server type, which its inbox names. */
  get callerType(): string | undefined {
    return this.reply === '' ? undefined : this.reply.split('.', 2)[1];
  }

  readPayload(): unknown {
    return decodeBody(this.message.data, this.binary);
  }

  sendResult(data: unknown): string | undefined {
    return this.responder.sendResult(this, data);
  }

  sendFailure(error: unknown, status?: 'refused'): string {
    return this.responder.sendFailure(this, error, status);
  }

  sendWorking(): void {
    this.responder.sendWorking(this);
  }
}
