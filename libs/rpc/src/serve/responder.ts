import { Logger } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { errorText } from '@ccgame/config';
import { RpcError } from '../errors.js';
import { rpcContext } from '../context.js';
import type { Job } from './job.js';
import { encodeHops } from '../slow/hop.js';
import { sentError, type SentError } from './reply-error.js';
import { ReplyBatch } from './reply-batch.js';
import { encodeBody, encodeJson } from '../wire/wire-body.js';
import { type Headers } from '../wire/header-block.js';
import { replyHeaders } from '../wire/reply-headers.js';

/** A call whose answer goes over NATS. */
interface RepliedJob extends Job {
  /** Its caller has to know who answers. */
  readonly isNamed: boolean;
}

/** Publishes answers. Each method answers which code the caller gets, or undefined where it is a result. */
export class Responder {
  private readonly logger = new Logger('Rpc');
  private readonly bytesHeaders = replyHeaders({ binary: true });
  private readonly broadcastHeaders: Headers;
  private readonly broadcastBytesHeaders: Headers;
  private readonly workingHeaders: Headers;
  private readonly batch: ReplyBatch;

  /** @param server this server and its incarnation: `<id>/<random>`. */
  constructor(
    private readonly nats: NatsConnection,
    private readonly server: string,
  ) {
    this.batch = new ReplyBatch(nats);
    this.broadcastHeaders = replyHeaders({ server });
    this.broadcastBytesHeaders = replyHeaders({ server, binary: true });
    this.workingHeaders = replyHeaders({ server, status: 'working' });
  }

  sendResult(job: RepliedJob, data: unknown): string | undefined {
    if (!job.reply) {
      return undefined;
    }
    let bytes: Uint8Array;
    try {
      if (data !== undefined && !job.isNamed && !job.isNotable && !(data instanceof Uint8Array)) {
        const json = encodeJson(data);
        if (this.batch.addReply(job.reply, json)) {
          return undefined;
        }
        bytes = Buffer.from(json);
      } else {
        bytes = encodeBody(data);
      }
    } catch (cause) {
      return this.sendFailure(job, new Error('The handler returned what can not be sent', { cause }));
    }
    const headers = this.headersFor(job, data);
    const size = bytes.length + (headers?.length ?? 0);
    const limit = this.nats.info?.max_payload ?? Infinity;
    if (size > limit) {
      const details = { bytes: size, limit };
      return this.sendFailure(
        job,
        new RpcError('TOO_LARGE', { message: 'The answer is too large', details }),
      );
    }
    this.publishReply(job, bytes, headers);
    return undefined;
  }

  sendFailure(job: RepliedJob, error: unknown, status?: 'refused'): string {
    // An error that nobody declared is logged, with the context that says who asked.
    const sent = rpcContext.run(job.context, () => sentError(error, job.handler.name, job.callerType));
    this.sendError(job, sent, status);
    return sent.code;
  }

  /** Tells the caller which server has the call, so that its death is noticed. */
  sendWorking(job: RepliedJob): void {
    this.publishReply(job, undefined, this.workingHeaders);
  }

  private sendError(job: RepliedJob, { code, body }: SentError, status?: 'refused'): void {
    const headers = replyHeaders({ error: code, server: this.server, status, hops: hopsOf(job) });
    const limit = this.nats.info?.max_payload ?? Infinity;
    const bytes = encodeBody(body);
    const fits = bytes.length + headers.length <= limit;
    // Without text and details an error is still that error, and says whether it is retryable.
    this.publishReply(job, fits ? bytes : encodeBody({ retryable: body.retryable }), headers);
  }

  /** A broadcast's caller has to know who answers; any other saves the header. */
  private headersFor(job: RepliedJob, data: unknown): Headers | undefined {
    const binary = data instanceof Uint8Array;
    if (job.isNotable) {
      return replyHeaders({ binary, server: this.server, hops: hopsOf(job) });
    }
    if (job.isNamed) {
      return binary ? this.broadcastBytesHeaders : this.broadcastHeaders;
    }
    return binary ? this.bytesHeaders : undefined;
  }

  private publishReply(job: RepliedJob, bytes: Uint8Array | undefined, headers: Headers | undefined): void {
    if (!job.reply) {
      return;
    }
    try {
      this.nats.publish(job.reply, bytes, headers && { headers });
    } catch (error) {
      const reason = errorText(error);
      this.logger.warn({ event: 'rpc.reply.failed', handler: job.handler.name, reason });
    }
  }
}

function hopsOf({ isNotable, context }: RepliedJob): string | undefined {
  return isNotable ? encodeHops(context.hops) : undefined;
}
