import { JetStreamApiError } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { parseTable, TableError } from './table-problems.js';
import type { TableChange } from './table-changes.js';
import type { ReleaseRecord, ReleaseTable } from './table.js';

/** KV bucket with one release table a channel. Its history is the history of releases; 64 is the most that KV keeps. */
export const releasesBucket = 'releases';
const history = 64;

/** JetStream's answer to a write that expects an older revision than there is. */
const wrongLastSequence = 10071;

/** Who changes a table, and why: kept with each of the last 64 tables of a channel. */
export interface ChangeNote {
  who: string;
  why: string;
  action: string;
}

export interface StoredRelease extends ReleaseRecord {
  /** Of the whole bucket; it grows. */
  revision: number;
}

/** Writes release tables: validated as a whole, by compare-and-set, each with its author and reason. */
export class ReleaseStore {
  private constructor(private readonly bucket: KV) {}

  static async open(nats: NatsConnection): Promise<ReleaseStore> {
    return new ReleaseStore(await new Kvm(nats).create(releasesBucket, { history }));
  }

  async read(channel: string): Promise<StoredRelease | undefined> {
    const entry = await this.bucket.get(channel);
    return entry ? { ...entry.json<ReleaseRecord>(), revision: entry.revision } : undefined;
  }

  /** @throws TableError when the channel has a table already. */
  async init(table: ReleaseTable, note: ChangeNote): Promise<StoredRelease> {
    return this.write(parseTable(table), note, 0);
  }

  /**
   * Changes a channel's table.
   *
   * @throws TableError when the change is refused, its outcome is not sound, the channel has no table, or somebody else
   *   changed the table in between. Nothing is written then.
   */
  async change(channel: string, change: TableChange, note: ChangeNote): Promise<StoredRelease> {
    const now = await this.read(channel);
    if (!now)
      throw new TableError([
        `The channel ${channel} has no release table yet; begin with "ccgame release init".`,
      ]);
    return this.write(parseTable(change(now.table)), note, now.revision);
  }

  /** The channel's tables, oldest first: at most the last 64. */
  async history(channel: string): Promise<StoredRelease[]> {
    const records: StoredRelease[] = [];
    if (!(await this.bucket.get(channel))) return records;
    for await (const entry of await this.bucket.history({ key: channel })) {
      records.push({ ...entry.json<ReleaseRecord>(), revision: entry.revision });
    }
    return records;
  }

  private async write(table: ReleaseTable, note: ChangeNote, revision: number): Promise<StoredRelease> {
    const record: ReleaseRecord = { table, ...note, at: Date.now() };
    try {
      const written = await this.bucket.put(table.channel, JSON.stringify(record), { previousSeq: revision });
      return { ...record, revision: written };
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== wrongLastSequence) throw error;
      const reason =
        revision === 0
          ? 'has a table already'
          : 'was changed by somebody else in between; look at it and try again';
      throw new TableError([`The channel ${table.channel} ${reason}.`]);
    }
  }
}
