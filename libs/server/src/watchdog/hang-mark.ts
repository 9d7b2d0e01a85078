import { randomBytes } from 'node:crypto';
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';

/** A mark counts for so long, s. */
export const markForSeconds = 3_600;
const timeoutMs = 2_000;

/** The words of a mark: a server of this version hung in this life of an entity, where it did this. */
export interface HangNote {
  life: string;
  what: string;
  serverId: string;
  version: string;
}

/** The mark of a turn that doesn't end, stored over a NATS connection of its own: the process's one waits for the main thread. */
export class HangMark {
  /** Why it isn't stored; undefined: it is. */
  missing?: string = 'not yet';
  private readonly subject: string;
  private nats?: NatsConnection;
  private storing?: Promise<void>;

  /** @param subject the name of its own is added to it */
  constructor(
    private readonly connection: ConnectionOptions,
    subject: string,
    private readonly note: HangNote,
  ) {
    this.subject = `${subject}.${randomBytes(4).toString('hex')}`;
  }

  get isBeingStored(): boolean {
    return this.storing !== undefined;
  }

  /** Tries once more where it isn't stored, and no try is under way. */
  store(): void {
    if (this.missing === undefined) return;
    this.storing ??= this.publish(JSON.stringify(this.note), markForSeconds)
      .then(
        () => void (this.missing = undefined),
        (error: unknown) => void (this.missing = String(error)),
      )
      .finally(() => (this.storing = undefined));
  }

  /** The turn has ended after all. */
  async takeBack(): Promise<void> {
    await this.storing;
    try {
      if (this.missing === undefined) await this.publish('', 1);
    } finally {
      await this.nats?.close();
    }
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
