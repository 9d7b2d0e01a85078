import { setTimeout as sleep } from 'node:timers/promises';
import { type ExpectingMessage, NotRead } from '@ccgame/jetstream';
import { type FenceHolder, WriteConflict } from '@ccgame/ownership';
import {
  emptyImage,
  fencePayload,
  FenceUnknown,
  type KeptSample,
  type PartitionStore,
  type StoredCheckpoint,
  storedRecord,
} from '../entity-store.js';
import type { PartitionSubjects } from '../partition-subjects.js';
import { readAlarmTime, readCheckpoint, readFence, readLogRecord, requireJson } from '../stored-json.js';
import type { Database } from './database.js';
import { conflictState, writeFunction } from './schema.js';

interface EntityRecord {
  subject: string;
  /** A bigint, so text. */
  seq: string;
  body: string;
}

/** A conflict, with the subject of the record whose sequence was another one. */
class PostgresConflict extends WriteConflict {
  constructor(
    standing: number,
    readonly subject: string,
    options: ErrorOptions,
  ) {
    super(standing, options);
  }
}

const againMs = 100;
const writing = `select ${writeFunction}($1, $2, $3, $4, $5) as first`;
const reading = `select subject, seq, body from ccgame_entity_records
  where (expires_at is null or expires_at > clock_timestamp())`;
/** PostgreSQL counts by reading: all of some millions would take it seconds. */
const mostCounted = 10_000;
const sampling = `with counted as (
    select subject, seq from ccgame_entity_records
    where (expires_at is null or expires_at > clock_timestamp()) and subject > $1 and subject < $2
    order by subject limit ${mostCounted}
  ), oldest as (select subject, seq from counted order by seq limit $3)
  select subject, records.seq, body, (select count(*) from counted) as count
  from oldest join ccgame_entity_records as records using (subject) order by oldest.seq`;

/** The records of one partition. PostgreSQL writes one batch of a partition after the other, and has the newest for all who read. */
export class PostgresPartition implements PartitionStore {
  image = emptyImage();
  isReleasing = false;
  isLogStored = false;
  private fence = 0;
  /** The log before this is in the states. */
  private logStoredUpTo = 0;

  constructor(
    readonly subjects: PartitionSubjects,
    private readonly identity: Omit<FenceHolder, 'isReleased'>,
    private readonly database: () => Database,
  ) {}

  async write(messages: readonly ExpectingMessage[]): Promise<number> {
    const columns = [
      messages.map(({ subject }) => subject),
      messages.map(({ payload }) => payload),
      messages.map(({ expected }) => expected ?? null),
      messages.map(({ ttlSeconds }) => ttlSeconds ?? null),
    ];
    try {
      const rows = await this.database().query<{ first: string }>(writing, [this.subjects.root, ...columns]);
      return Number(rows[0].first);
    } catch (error) {
      throw conflictOf(error) ?? error;
    }
  }

  fenceMessage(_partition: string, expected: number): ExpectingMessage {
    return { subject: this.subjects.fence, payload: fencePayload(this, this.identity), expected };
  }

  fenceOf(): number {
    return this.fence;
  }

  /** Others may write an entity's state. */
  isBesideFence(_partition: string, conflict: WriteConflict): Promise<boolean> {
    const isBeside = conflict instanceof PostgresConflict && !this.subjects.isOwn(conflict.subject);
    return Promise.resolve(isBeside);
  }

  async readHolder(): Promise<FenceHolder | undefined> {
    const [record] = await this.readSubjects(this.subjects.fence);
    this.fence = Number(record?.seq ?? 0);
    const holder = record && readFence(record.body, record.subject, this.fence);
    this.logStoredUpTo = holder?.isLogStored ? this.fence : 0;
    return holder;
  }

  async reachedWithin(sequence: number, timeoutMs: number): Promise<boolean> {
    const endsAt = performance.now() + timeoutMs;
    for (;;) {
      try {
        await this.readImage();
        return this.fence >= sequence;
      } catch (error) {
        if (!(error instanceof NotRead) || performance.now() + againMs > endsAt) return false;
        await sleep(againMs);
      }
    }
  }

  async readState(key: string, isRoom: boolean, fence: number): Promise<StoredCheckpoint> {
    const subject = this.subjects.state(key, isRoom);
    const found = await this.readSubjects(subject, this.subjects.fence);
    const known = found.find((record) => record.subject === this.subjects.fence);
    // A standby was promoted that does not have all that was stored.
    if (Number(known?.seq ?? 0) < fence) throw new FenceUnknown();
    const record = found.find((one) => one.subject === subject);
    if (!record) return { seq: 0 };
    const seq = Number(record.seq);
    return { checkpoint: requireJson(record.body, subject, seq), seq };
  }

  async readAlarms(take: (key: string, at: number) => void): Promise<void> {
    for (const { subject, body, seq } of await this.readBelow(this.subjects.alarms)) {
      const at = readAlarmTime(body, subject, Number(seq));
      if (at !== undefined) take(this.subjects.sleeperOf(subject), at);
    }
  }

  async readAlarm(key: string): Promise<number | undefined> {
    const [record] = await this.readSubjects(this.subjects.alarm(key));
    return record && readAlarmTime(record.body, record.subject, Number(record.seq));
  }

  async sampleKept(name: string, most: number): Promise<KeptSample> {
    const range = rangeOf(this.subjects.kept(name));
    const records = await this.readRecords<EntityRecord & { count: string }>(sampling, [...range, most]);
    const found = records.map(({ subject, body, seq }) => ({
      key: this.subjects.keptOf(subject),
      version: readCheckpoint(body, subject, Number(seq))?.version ?? '',
    }));
    return { found, count: Number(records.at(0)?.count ?? 0) };
  }

  forgetImage(): void {
    this.image = emptyImage();
  }

  async readReleasedFence(version: string): Promise<ExpectingMessage | undefined> {
    const [record] = await this.readSubjects(this.subjects.fenceOf(version));
    if (!record) return undefined;
    const { subject, body: payload, seq } = record;
    if (!readFence(payload, subject, Number(seq))?.isReleased) return undefined;
    return { subject, payload, expected: Number(seq) };
  }

  private async readImage(): Promise<void> {
    const image = emptyImage();
    const { own, rooms, fence } = this.subjects;
    for (const { subject, body, ...record } of await this.readBelow(own, rooms)) {
      const slot = this.subjects.slotOf(subject);
      const seq = Number(record.seq);
      if (subject === fence) this.fence = seq;
      else if (slot !== undefined) {
        const isNeeded = seq > this.logStoredUpTo;
        image.log.push({ slot, seq, record: isNeeded ? readLogRecord(body, subject, seq) : storedRecord });
      } else {
        const checkpoint = readCheckpoint(body, subject, seq);
        if (checkpoint) image.states.set(this.subjects.entityOf(subject), { checkpoint, seq });
      }
    }
    this.image = image;
  }

  private readSubjects(...subjects: string[]): Promise<EntityRecord[]> {
    return this.readRecords(`${reading} and subject = any($1)`, [subjects]);
  }

  /** In the order in which they were written. @param wildcards as `entity.play.p3.live.>` */
  private readBelow(...wildcards: string[]): Promise<EntityRecord[]> {
    const ranges = wildcards.map((_, index) => `subject > $${index * 2 + 1} and subject < $${index * 2 + 2}`);
    return this.readRecords(
      `${reading} and (${ranges.join(' or ')}) order by seq`,
      wildcards.flatMap(rangeOf),
    );
  }

  private async readRecords<R extends object = EntityRecord>(text: string, values: unknown[]): Promise<R[]> {
    try {
      return await this.database().query<R>(text, values);
    } catch (error) {
      throw new NotRead('away', { cause: error });
    }
  }
}

/** Everything below a wildcard is between these two. */
function rangeOf(wildcard: string): [from: string, below: string] {
  const prefix = wildcard.slice(0, -'.>'.length);
  // The character after the full stop.
  return [`${prefix}.`, `${prefix}/`];
}

function conflictOf(error: unknown): PostgresConflict | undefined {
  const { code, detail = '' } = error as { code?: string; detail?: string };
  if (code !== conflictState) return undefined;
  const [standing, subject] = detail.split(' ');
  return new PostgresConflict(Number(standing), subject, { cause: error });
}
