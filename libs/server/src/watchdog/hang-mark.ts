import { randomBytes } from 'node:crypto';
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';

/** The mark of a server that ended itself counts for so long, s. */
const keptForSeconds = 3_600;
/** That of a turn that may still end: whoever takes over meanwhile has to know, and nobody may find it long after that, s. */
const underWayForSeconds = 30;
const renewEveryMs = 10_000;
const timeoutMs = 2_000;

/** The words of a mark: a server of this version hung in this life of an entity, where it did this. */
export interface HangNote {
  life: string;
  what: string;
  serverId: string;
  version: string;
  /** It counts for so long after it was stored. */
  forSeconds: number;
}

/** The mark of a turn that doesn't end, stored over a NATS connection of its own: the process's one waits for the main thread. */
export class HangMark {
  /** Why it isn't stored; undefined: it is. */
  missing?: string = 'not yet';
  private readonly subject: string;
  private nats?: NatsConnection;
  private storing?: Promise<void>;
  private storedAt = -Infinity;
  private isKept = false;

  /** @param subject the name of its own is added to it */
  constructor(
    private readonly connection: ConnectionOptions,
    subject: string,
    private readonly note: Omit<HangNote, 'forSeconds'>,
  ) {
    this.subject = `${subject}.${randomBytes(4).toString('hex')}`;
  }

  get isBeingStored(): boolean {
    return this.storing !== undefined;
  }

  /** To be called again and again. @param isEnding the process ends itself now: the turn has no end that could take the mark back */
  store(isEnding: boolean): void {
    const isStored = isEnding ? this.isKept : performance.now() - this.storedAt < renewEveryMs;
    if (isStored) return;
    const forSeconds = isEnding ? keptForSeconds : underWayForSeconds;
    this.storing ??= this.publish(JSON.stringify({ ...this.note, forSeconds }), forSeconds)
      .then(
        () => this.noteStored(isEnding),
        (error: unknown) => void (this.missing = String(error)),
      )
      .finally(() => (this.storing = undefined));
  }

  /** The turn has ended after all. A try without an answer may have stored it. */
  async takeBack(): Promise<void> {
    await this.storing;
    try {
      if (this.nats) await this.publish('', 1);
    } finally {
      await this.nats?.close();
    }
  }

  private noteStored(isKept: boolean): void {
    this.missing = undefined;
    this.storedAt = performance.now();
    this.isKept = isKept;
  }

  private async publish(payload: string, ttlSeconds: number): Promise<void> {
    // Loaded by a server that hangs alone: it takes memory.
    const { connect, headers } = await import('@nats-io/transport-node');
    if (this.nats?.isClosed() !== false) this.nats = await connect({ ...this.connection, reconnect: false });
    const ttl = headers();
    ttl.set('Nats-TTL', `${ttlSeconds}s`);
    const answer = await this.nats.request(this.subject, payload, { timeout: timeoutMs, headers: ttl });
    const { error } = answer.json<{ error?: { description: string } }>();
    if (error) throw new Error(error.description);
  }
}
