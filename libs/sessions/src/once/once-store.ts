import { randomBytes } from 'node:crypto';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { checkName, encodeJson, type OnceGuard, rpcContext, RpcError, sentError } from '@ccgame/rpc';
import {
  AckedPublisher,
  DirectReader,
  isAway,
  isDenied,
  isTooLarge,
  KeyValueBucket,
  NotStored,
  parseJson,
  waitForReplica,
} from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth, noteRetry, noteSetAside, noteUnreadable } from '@ccgame/nats';
import { forbidden } from '../or-busy.js';
import { UnfinishedWrites } from '../unfinished-writes.js';

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
/** A run has ended, and its outcome can't be kept. */
const lost = JSON.stringify({
  state: 'failed',
  error: { code: 'GONE', retryable: false },
} satisfies Outcome);
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
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly bucket: KeyValueBucket;
  /** Outcomes of calls that ended while NATS was away. */
  private readonly unfinished: UnfinishedWrites;

  constructor(
    @Inject(NATS_CONNECTION) nats: NatsConnection,
    private readonly health: NatsHealth,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
    this.bucket = new KeyValueBucket(onceBucket, nats, this.publisher, this.reader);
    this.unfinished = new UnfinishedWrites(health, keptForSeconds * 1_000);
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
    const by = randomBytes(6).toString('hex');
    if (!(await this.beginCall(key, by))) return this.outcomeOf(key);
    if (rpcContext.timeLeftMs() <= 0) {
      await this.releaseCall(key, by);
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
    this.unfinished.close();
    this.bucket.close();
    this.publisher.close();
    this.reader.close();
  }

  /** False: it was begun before. @param by names this run */
  private async beginCall(key: string, by: string): Promise<boolean> {
    const value = JSON.stringify({ state: 'running', by } satisfies Outcome);
    const answers = { areLost: false };
    try {
      return await this.beginWithin(key, { value, by }, answers);
    } catch (error) {
      // A write whose answer was lost may stand there, and nobody would begin the call until that has run out.
      if (answers.areLost) void this.releaseCall(key, by);
      throw error;
    }
  }

  private async beginWithin(
    key: string,
    { value, by }: { value: string; by: string },
    answers: { areLost: boolean },
  ): Promise<boolean> {
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
        if (isDenied(error)) throw forbidden(error);
        if (!(error instanceof NotStored)) throw new RpcError('BUSY', { cause: error });
        // Stored or not: the next round finds out.
        answers.areLost = true;
        await waitForReplica(attempt + 1);
      }
    }
    throw new RpcError('BUSY', { message: 'The store of handled messages does not answer' });
  }

  /** Has it begun when the message is sent again. Never over what another run has written since. */
  private releaseCall(key: string, by: string): Promise<void> {
    return this.unfinished.finish(key, async () => {
      try {
        // A replica that is behind may not have the record yet.
        for (let attempt = 0; attempt < attempts; attempt += 1) {
          await waitForReplica(attempt);
          const { outcome, revision } = await this.readResult(key);
          if (!outcome) continue;
          if (outcome.state !== 'running' || outcome.by !== by) break;
          if (await this.bucket.compareAndSet(key, released, revision, keptForSeconds)) break;
        }
        return true;
      } catch (error) {
        return this.noteNotStored(key, error);
      }
    });
  }

  /**
   * Resolves when it is stored, or is kept until NATS is back: the message is sent again then, as its answer was lost too. Where it never can
   * be stored, as it is too large, those who send it again need not wait for it.
   */
  private storeResult(key: string, outcome: string): Promise<void> {
    return this.unfinished.finish(key, async () => {
      try {
        await this.bucket.put(key, outcome, keptForSeconds);
        return true;
      } catch (error) {
        const isOver = this.noteNotStored(key, error);
        if (isOver) await this.bucket.put(key, lost, keptForSeconds).catch(() => undefined);
        return isOver;
      }
    });
  }

  /** False: it is worth another try. */
  private noteNotStored(key: string, error: unknown): boolean {
    if (!mayBeStoredLater(error)) {
      noteSetAside('once', error, { key });
      return true;
    }
    noteRetry('once', error);
    return false;
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
    if (!entry) return nothing;
    const outcome = outcomeIn(entry.value);
    if (!outcome && entry.value !== '') noteUnreadable('once', `$KV.${onceBucket}.${key}`, entry.revision);
    return { outcome, revision: entry.revision };
  }
}

/** NATS is away, or did not take it just then. */
const mayBeStoredLater = (error: unknown): boolean => isAway(error) && !isTooLarge(error);

/** @throws Error for a result that can't be sent either: the handler's fault, and not its caller's */
function done(data: unknown): string {
  if (data === undefined) return '{"state":"done"}';
  try {
    return `{"state":"done","data":${encodeJson(data)}}`;
  } catch (cause) {
    throw new Error('The handler returned what can not be sent', { cause });
  }
}

/** An error whose details can't be kept is kept without them: the repeated message is still told its code. */
function failed(error: unknown): string {
  const { code, body } = sentError(error, 'once');
  const { retryable, details, retryAfterMs } = body;
  return encodeJson({ state: 'failed', error: { code, retryable, details, retryAfterMs } });
}

/** Undefined: it is none, and the message counts as not begun. */
function outcomeIn(text: string): Outcome | undefined {
  const outcome = parseJson<Outcome>(text);
  switch (outcome?.state) {
    case 'running':
      return typeof outcome.by === 'string' ? outcome : undefined;
    case 'failed':
      return typeof (outcome.error as { code?: unknown } | null)?.code === 'string' ? outcome : undefined;
    case 'done':
    case 'released':
      return outcome;
    case undefined:
    default:
      return undefined;
  }
}
