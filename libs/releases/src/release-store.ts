import { jetstreamManager, JetStreamApiError } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { checkName } from '@ccgame/rpc/basics';
import {
  bucketStream,
  DirectReader,
  ensureBucket,
  ensureStream,
  readAgain,
  type StreamDeclaration,
  untilRead,
} from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { historyStream, isChange, readAll, readHistory } from './release-history.js';
import { parseRecord, TableError } from './table-problems.js';
import type { TableChange } from './table-changes.js';
import type { ReleaseRecord, ReleaseTable } from './table.js';

/** KV bucket with one release table a channel. Readers go back to an older one of them when the newest is broken. */
export const releasesBucket = 'releases';
const kept = 64;
const size = { history: kept, maxBytes: 128 * 2 ** 20 };

/** The stream and bucket of releases, made by the server type `storage`. */
export const releaseStreams: StreamDeclaration[] = [
  { config: bucketStream(releasesBucket, size) },
  { config: historyStream },
];

/** NATS takes messages of up to 1 MB. */
const maxBytes = 512 * 1024;

/** JetStream's answer to a write that expects an older revision than there is. */
const wrongLastSequence = 10071;

/** The author of a change and the reason: kept in the history stream with the table. */
export interface ChangeNote {
  who: string;
  why: string;
  action: string;
}

/** The release table as it stands in its bucket. */
export interface StoredRelease extends ReleaseRecord {
  /** The revision of the whole bucket; it grows. */
  revision: number;
  /** The newest entry is no table: this older one is in force, and the next change takes the place of both. */
  isOlder?: boolean;
}

/** The messages that the bucket keeps of a channel. */
interface Standing {
  /** That of the newest message, whatever it is; 0: there is none. */
  revision: number;
  /** The messages that are tables, oldest first. */
  sound: Array<{ seq: number; record: ReleaseRecord }>;
}

/** Writes release tables: validated as a whole, by compare-and-set, each with its author and reason. */
export class ReleaseStore {
  /** Made by the first read; it ends with the connection. */
  private openReader?: DirectReader;

  private constructor(
    private readonly nats: NatsConnection,
    private readonly bucket: KV,
  ) {}

  static async open(nats: NatsConnection): Promise<ReleaseStore> {
    return new ReleaseStore(nats, await ensureBucket(nats, releasesBucket, size));
  }

  /** The table in force: the newest sound one. */
  async readTable(channel: string): Promise<StoredRelease | undefined> {
    const { revision, sound } = await this.readStanding(channel);
    const newest = sound.at(-1);
    return newest && { ...newest.record, revision, ...(newest.seq < revision && { isOlder: true }) };
  }

  /** @throws TableError when the channel has a table already. */
  async writeFirstTable(table: ReleaseTable, note: ChangeNote): Promise<StoredRelease> {
    const { channel } = table;
    // Something that never was a table may stand in its place.
    const { revision, sound } = await this.readStanding(channel);
    if (sound.length > 0) throw new TableError([`The channel ${channel} has a table already.`]);
    return this.writeRecord({ table, ...note, at: Date.now() }, channel, revision);
  }

  /**
   * Changes a channel's table.
   *
   * @throws TableError when the change is refused, its outcome is not sound, the channel has no table, or somebody else
   *   changed the table in between. Nothing is written then.
   */
  async changeTable(channel: string, change: TableChange, note: ChangeNote): Promise<StoredRelease> {
    const now = await this.readTable(channel);
    if (!now)
      throw new TableError([
        `The channel ${channel} has no release table yet; begin with "ccgame release init".`,
      ]);
    return this.writeRecord({ table: change(now.table), ...note, at: Date.now() }, channel, now.revision);
  }

  /** Hands over the changes of the channel's table, with author, time and reason; oldest first. */
  async readHistory(channel: string, take: (change: ReleaseRecord) => void): Promise<void> {
    const { sound } = await this.readStanding(channel);
    const changes = sound.map(({ record }) => record).filter(isChange);
    const recent = new Map(changes.map((record) => [nameOf(record), record]));
    if (recent.size === 0) return;
    await readHistory(this.reader, subjectOf(channel), (record) => {
      recent.delete(nameOf(record));
      take(record);
    });
    // The stream follows the bucket a moment later. The clocks of those who wrote say nothing of the order.
    for (const record of recent.values()) take(record);
  }

  private get reader(): DirectReader {
    return (this.openReader ??= new DirectReader(this.nats, new NatsHealth(this.nats)));
  }

  /**
   * The tables that the bucket keeps, and the revision that the next write is to expect: never that of a table which was not read, or the write
   * would take it away.
   *
   * @throws NotRead where no replica of NATS that answers has the newest
   */
  private readStanding(channel: string): Promise<Standing> {
    return untilRead(async () => {
      const revision = (await this.bucket.get(channel))?.revision ?? 0;
      const messages = await readAll(this.reader, `KV_${releasesBucket}`, subjectOf(channel));
      const last = messages.at(-1)?.seq ?? 0;
      if (last < revision) return undefined;
      const sound = messages.flatMap((message) => {
        const record = message.isWritten && soundRecord(message, channel);
        return record ? [{ seq: message.seq, record }] : [];
      });
      return { revision: last, sound };
    });
  }

  private async writeRecord(
    record: ReleaseRecord,
    channel: string,
    previousSeq: number,
  ): Promise<StoredRelease> {
    const sound = parseRecord(record, channel);
    const body = JSON.stringify(sound);
    const bytes = Buffer.byteLength(body);
    if (bytes > maxBytes) {
      throw new TableError([
        `The table would have ${bytes >> 10} KB, and ${maxBytes >> 10} are the most; give a share instead of so many players.`,
      ]);
    }
    // As safe as the bucket: who writes the table need not know how many NATS servers there are.
    const { replicas } = await this.bucket.status();
    await ensureStream(await jetstreamManager(this.nats, { checkAPI: false }), {
      ...historyStream,
      num_replicas: replicas,
    });
    try {
      const revision = await this.bucket.put(channel, body, { previousSeq });
      return { ...sound, revision };
    } catch (error) {
      if (!(error instanceof JetStreamApiError)) return this.findWritten(sound, channel, error as Error);
      if (error.code !== wrongLastSequence) throw error;
      throw new TableError([
        `The channel ${channel} was changed by somebody else in between; look at it and try again.`,
      ]);
    }
  }

  /**
   * A write without an answer may stand all the same, as where the leader of the stream died before it could say so.
   *
   * @throws Error which says that nobody knows, where no replica of NATS that answers has it
   */
  private async findWritten(record: ReleaseRecord, channel: string, cause: Error): Promise<StoredRelease> {
    const name = nameOf(record);
    const written = await readAgain(() =>
      this.readStanding(channel).then(
        ({ sound }) => sound.find((one) => nameOf(one.record) === name),
        // NATS may be about to find a new leader.
        () => undefined,
      ),
    );
    if (written) return { ...record, revision: written.seq };
    throw new Error(
      `NATS did not say whether it has the change (${cause.message}), and does not show it: it may come yet. Look with "ccgame release status"; where the change is there, go on with "ccgame release follow".`,
      { cause },
    );
  }
}

const subjectOf = (channel: string): string => `$KV.${releasesBucket}.${checkName('channel', channel)}`;

/** Two changes by one person in one ms, with one name, are one. */
const nameOf = ({ at, who, action }: ReleaseRecord): string => JSON.stringify([at, who, action]);

function soundRecord(entry: { json(): unknown }, channel: string): ReleaseRecord | undefined {
  try {
    return parseRecord(entry.json(), channel);
  } catch {
    return undefined;
  }
}
