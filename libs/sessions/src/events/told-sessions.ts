import type { NatsConnection } from '@nats-io/nats-core';
import { hashOf } from '@ccgame/config';
import {
  AckedPublisher,
  type BucketEntry,
  DirectReader,
  isAway,
  KeyValueBucket,
  parseJson,
} from '@ccgame/jetstream';
import { type NatsHealth, noteUnreadable } from '@ccgame/nats';
import type { SeenSession } from '../claims/seen-session.js';

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
    const entries = await this.bucket.list(`${this.serverType}.${partition}.*`, (entry): [string, Told] => [
      entry.key.slice(entry.key.lastIndexOf('.') + 1),
      toldIn(entry),
    ]);
    return new Map(entries);
  }

  /** @throws NotRead */
  async readTold(playerId: string): Promise<Told> {
    const entry = await this.bucket.get(this.keyOf(playerId));
    return entry ? toldIn(entry) : { revision: 0 };
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

/** Nothing counts as told where a record is none: the player's session is told of as a new one. */
function toldIn({ key, value, revision }: BucketEntry): Told {
  const seen = parseJson<Partial<SeenSession>>(value);
  const { session, version, socket, isConnected, isOver } = seen ?? {};
  const areTexts = [session, version, socket].every((one) => typeof one === 'string');
  if (areTexts && typeof isConnected === 'boolean' && typeof isOver === 'boolean')
    return { seen: seen as SeenSession, revision };
  if (value !== '') noteUnreadable('session-event', `$KV.${sessionEventsBucket}.${key}`, revision);
  return { revision };
}
