import type { NatsConnection } from '@nats-io/nats-core';
import { hashOf } from '@ccgame/config';
import { AckedPublisher, DirectReader, isAway, KeyValueBucket, parseJson } from '@ccgame/jetstream';
import type { NatsHealth } from '@ccgame/nats';
import type { SeenSession } from '../claims/session-watch.js';

/** Keeps the last that server types were told of players' sessions, by type, partition and player. */
export const sessionEventsBucket = 'session-events';
/** Half a million players of one server type; the events of a further one are told again and again, as nothing is written down. */
export const sessionEventsBytes = 128 * 2 ** 20;
/** Longer than a session goes without an event. */
const keptForSeconds = 30 * 86_400;
/** The end of a session, which is told again to nobody as long as the record of it may be seen. */
const overForSeconds = 3_600;
/** Each is one server's at a time. */
const partitionCount = 64;

/** All partitions of players. */
export const partitions: readonly string[] = Array.from({ length: partitionCount }, (_, n) => `p${n}`);

/** The partition that a player is in. */
export function partitionOf(playerId: string): string {
  return partitions[hashOf(playerId) % partitionCount];
}

/** The last that a type was told of a player's session. */
export interface Told {
  /** Undefined: nothing yet. */
  seen?: SeenSession;
  /** The next write has to expect it. */
  revision: number;
}

/** Keeps what the servers of one type were told, so that whichever comes next goes on from there. */
export class ToldSessions {
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly bucket: KeyValueBucket;

  constructor(
    nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly serverType: string,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
    this.bucket = new KeyValueBucket(sessionEventsBucket, nats, this.publisher, this.reader);
  }

  open(): Promise<void> {
    return this.bucket.open(this.health, sessionEventsBytes);
  }

  /** By player. @throws NotRead */
  async readPartition(partition: string): Promise<Map<string, Told>> {
    const entries = await this.bucket.list(
      `${this.serverType}.${partition}.*`,
      ({ key, value, revision }): [string, Told] => [
        key.slice(key.lastIndexOf('.') + 1),
        { seen: parseJson<SeenSession>(value), revision },
      ],
    );
    return new Map(entries);
  }

  /** @throws NotRead */
  async readTold(playerId: string): Promise<Told> {
    const entry = await this.bucket.get(this.keyOf(playerId));
    return entry ? { seen: parseJson<SeenSession>(entry.value), revision: entry.revision } : { revision: 0 };
  }

  /** @returns undefined: another server wrote meanwhile, or nobody knows whether this write was stored */
  async writeTold(playerId: string, { seen, revision }: Told): Promise<Told | undefined> {
    const seconds = seen?.isOver ? overForSeconds : keptForSeconds;
    try {
      const written = await this.bucket.compareAndSet(
        this.keyOf(playerId),
        JSON.stringify(seen),
        revision,
        seconds,
      );
      return written === undefined ? undefined : { seen, revision: written };
    } catch (error) {
      if (isAway(error)) return undefined;
      throw error;
    }
  }

  close(): void {
    this.bucket.close();
    this.publisher.close();
    this.reader.close();
  }

  private keyOf(playerId: string): string {
    return `${this.serverType}.${partitionOf(playerId)}.${playerId}`;
  }
}
