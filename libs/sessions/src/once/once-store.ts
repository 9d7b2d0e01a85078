import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { checkName, encodeJson, type OnceGuard, rpcContext, RpcError, sentError } from '@ccgame/rpc';
import {
  AckedPublisher,
  DirectReader,
  KeyValueBucket,
  NotStored,
  parseJson,
  waitForReplica,
} from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';

type Outcome =
  | { state: 'running'; by: string }
  /** It was begun for a caller that had gone by then: whoever sends it again begins it. */
  | { state: 'released' }
  | { state: 'done'; data: unknown }
  | {
      state: 'failed';
      error: { code: string; retryable: boolean; details?: unknown; retryAfterMs?: number };
    };

interface Result {
  outcome?: Outcome;
  revision: number;
}

const nothing: Result = { revision: 0 };
const released = JSON.stringify({ state: 'released' } satisfies Outcome);
/** Longer than a session can be resumed. */
const keptForSeconds = 120;
const pollMs = 50;
/** The time that the answer needs to reach its caller. */
const reserveMs = 100;
const attempts = 8;
/** Some half a million answers of the last two minutes. */
export const onceBytes = 256 * 2 ** 20;
/** The bucket of answers to requests that are handled once. */
export const onceBucket = 'once';

/**
 * Remembers which messages of clients were handled, in the bucket `once` under player, session and message id, and what
 * came of them. So a client that sends again after a break gets the first run's answer, from whichever server.
 */
@Injectable()
export class OnceStore implements OnceGuard, OnModuleInit, OnApplicationShutdown {
  private readonly log = new Logger('once');
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly bucket: KeyValueBucket;

  constructor(
    @Inject(NATS_CONNECTION) nats: NatsConnection,
    private readonly health: NatsHealth,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
    this.bucket = new KeyValueBucket(onceBucket, nats, this.publisher, this.reader);
  }

  async onModuleInit(): Promise<void> {
    await this.bucket.open(this.health, onceBytes);
  }

  /**
   * A call without a message id, from a server or a client that gave none, just runs.
   *
   * @throws RpcError GONE when the first run did not end in time, as its server died; BUSY when NATS can't be asked, or was asked
   *   for so long that the caller has gone: the work was not begun
   */
  async runOnce(work: () => Promise<unknown>): Promise<unknown> {
    const { uid, session, request } = rpcContext.get().attributes;
    if (uid === undefined || session === undefined || request === undefined) return work();
    const key = [
      checkName('playerId', uid),
      checkName('session', session),
      checkName('messageId', request),
    ].join('.');
    if (!(await this.beginCall(key))) return this.outcomeOf(key);
    if (rpcContext.timeLeftMs() <= 0) {
      await this.storeResult(key, released);
      throw new RpcError('BUSY', { message: 'The caller had gone before the work could begin' });
    }
    try {
      const data = await work();
      await this.storeResult(key, done(data));
      return data;
    } catch (error) {
      await this.storeResult(key, failed(error));
      throw error;
    }
  }

  onApplicationShutdown(): void {
    this.bucket.close();
    this.publisher.close();
    this.reader.close();
  }

  /** False: it was begun before. */
  private async beginCall(key: string): Promise<boolean> {
    const by = randomBytes(6).toString('hex');
    const value = JSON.stringify({ state: 'running', by } satisfies Outcome);
    let standing = 0;
    for (let attempt = 0; attempt < attempts && rpcContext.timeLeftMs() > 0; attempt += 1) {
      try {
        if ((await this.bucket.compareAndSet(key, value, standing, keptForSeconds)) !== undefined)
          return true;
        const { outcome, revision } = await this.readResult(key);
        if (outcome && outcome.state !== 'released') return outcome.state === 'running' && outcome.by === by;
        // Nobody began it: it was released, or what stands there is no outcome. 0: a replica doesn't have it yet.
        standing = revision;
        if (revision === 0) await waitForReplica(attempt + 1);
      } catch (error) {
        // Stored or not: the next round finds out.
        if (!(error instanceof NotStored)) throw new RpcError('BUSY', { cause: error });
      }
    }
    throw new RpcError('BUSY', { message: 'The store of handled messages does not answer' });
  }

  private async storeResult(key: string, outcome: string): Promise<void> {
    await this.bucket.put(key, outcome, keptForSeconds).catch((error: unknown) => {
      this.log.warn({ event: 'once.not-stored', key, err: error });
    });
  }

  private async outcomeOf(key: string): Promise<unknown> {
    while (rpcContext.timeLeftMs() > reserveMs) {
      const { outcome } = await this.readResult(key).catch(() => nothing);
      if (outcome?.state === 'done') return outcome.data;
      if (outcome?.state === 'failed') throw new RpcError(outcome.error.code, outcome.error);
      if (outcome?.state === 'released')
        throw new RpcError('BUSY', { message: 'The first run was not begun' });
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    throw new RpcError('GONE', { message: 'The first run of this message has not ended' });
  }

  private async readResult(key: string): Promise<Result> {
    const entry = await this.bucket.get(key);
    return entry ? { outcome: parseJson<Outcome>(entry.value), revision: entry.revision } : nothing;
  }
}

/** @throws RpcError INVALID for a result that can't be sent either */
function done(data: unknown): string {
  return data === undefined ? '{"state":"done"}' : `{"state":"done","data":${encodeJson(data)}}`;
}

/** An error whose details can't be kept is kept without them: the repeated message is still told its code. */
function failed(error: unknown): string {
  const { code, body } = sentError(error, 'once');
  const { retryable, details, retryAfterMs } = body;
  return encodeJson({ state: 'failed', error: { code, retryable, details, retryAfterMs } });
}
