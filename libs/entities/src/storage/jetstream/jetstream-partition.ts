import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AckedPublisher,
  type DirectReader,
  type ExpectingMessage,
  NotRead,
  type StoredMessage,
  writtenRecord,
} from '@ccgame/jetstream';
import { type FenceHolder, tellingConflicts, type WriteConflict } from '@ccgame/ownership';
import {
  emptyImage,
  fencePayload,
  FenceUnknown,
  type KeptSample,
  type PartitionImage,
  type PartitionStore,
  type StoredCheckpoint,
  storedRecord,
} from '../entity-store.js';
import type { PartitionSubjects } from '../partition-subjects.js';
import { readAlarmTime, readCheckpoint, readFence, readLogRecord, requireJson } from '../stored-json.js';

/** A replica that does not have the newest yet is asked again after so many ms. */
const lagMs = 20;
const mostLagMs = 1_000;
/** Longer than that, it is no lag: the stream was made anew, or the replica has lost its others. */
const giveUpLagMs = 3_000;

/** The part of the stream that belongs to one partition. */
export class JetStreamPartition implements PartitionStore {
  image = emptyImage();
  isReleasing = false;
  isLogStored = false;
  private fence = 0;
  /** The log before this is in the states. */
  private logStoredUpTo = 0;

  constructor(
    private readonly stream: string,
    readonly subjects: PartitionSubjects,
    private readonly publisher: AckedPublisher,
    private readonly reader: DirectReader,
    private readonly identity: Omit<FenceHolder, 'isReleased'>,
  ) {}

  async write(messages: readonly ExpectingMessage[]): Promise<number> {
    return (await tellingConflicts(this.publisher.publishAll(messages))).seq;
  }

  fenceMessage(_partition: string, expected: number): ExpectingMessage {
    const { fence, own } = this.subjects;
    return { subject: fence, payload: fencePayload(this, this.identity), expected, expectedOn: own };
  }

  /** The fence is the newest message of this version's servers: each message of their log is one. */
  asFence(message: ExpectingMessage, expected: number): ExpectingMessage | undefined {
    const { own } = this.subjects;
    return this.subjects.isOwn(message.subject) ? { ...message, expected, expectedOn: own } : undefined;
  }

  fenceOf(): number {
    return this.fence;
  }

  acquiringMessages(): ExpectingMessage[] {
    return [this.subjects.seen, this.subjects.alarmsSeen].map((subject) => ({
      subject,
      payload: '',
      mayBeTwice: true,
    }));
  }

  /** Others may write an entity's state; what stands at the fence's subject or in the log is a fence. */
  async isBesideFence(_partition: string, { standing }: WriteConflict): Promise<boolean> {
    if (standing === undefined) return false;
    // An entity's record has run out, where the fence stands; else the stream was made anew.
    if (standing === 0) return (await this.reader.readRecord(this.stream, this.subjects.fence)).seq > 0;
    const found = await this.reader.readMessages(this.stream, { seq: standing });
    return found.length === 1 && !this.subjects.isOwn(found[0].subject);
  }

  async readHolder(): Promise<FenceHolder | undefined> {
    const { record, seq } = await this.reader.readRecord(this.stream, this.subjects.fence);
    const holder = record && readFence(record.text(), record.subject, seq);
    this.fence = seq;
    this.logStoredUpTo = holder?.isLogStored ? seq : 0;
    return holder;
  }

  /** Reads the partition up to the fence, so that what stands before that is known. */
  async reachedWithin(sequence: number, timeoutMs: number): Promise<boolean> {
    const endsAt = performance.now() + timeoutMs;
    for (;;) {
      try {
        this.fence = await this.readImage();
      } catch (error) {
        if (!(error instanceof NotRead)) throw error;
      }
      if (this.fence >= sequence) return true;
      if (performance.now() + lagMs > endsAt) return false;
      await sleep(lagMs);
    }
  }

  /** `atLeast` is waited for, but not for long. @throws FenceUnknown when no replica that answers comes to know the fence; NotRead */
  async readState(key: string, isRoom: boolean, fence: number, atLeast = 0): Promise<StoredCheckpoint> {
    const message = await this.readBehind(this.subjects.state(key, isRoom), fence, atLeast);
    if (!message) return { seq: 0 };
    const { subject, seq } = message;
    const written = writtenRecord(message);
    return { checkpoint: written && requireJson(written.text(), subject, seq), seq };
  }

  async readAlarms(take: (key: string, at: number) => void): Promise<void> {
    const startedAt = performance.now();
    for (;;) {
      let last = 0;
      await this.reader.readAll(this.stream, this.subjects.alarms, (message) => {
        last = message.seq;
        const at = readAlarmTime(message.text(), message.subject, message.seq);
        if (at !== undefined) take(this.subjects.sleeperOf(message.subject), at);
      });
      // A message follows the fence there: a replica that has it has all alarms of the owners before.
      if (last > this.fence) return;
      await waitForLag(startedAt);
    }
  }

  async readAlarm(key: string, fence: number): Promise<number | undefined> {
    const message = await this.readBehind(this.subjects.alarm(key), fence);
    return message && readAlarmTime(message.text(), message.subject, message.seq);
  }

  async sampleKept(name: string, most: number): Promise<KeptSample> {
    const found: KeptSample['found'] = [];
    const request = { next_by_subj: this.subjects.kept(name), seq: 1, batch: most };
    const more = await this.reader.readEach(this.stream, request, (message) => {
      const { subject, seq } = message;
      const checkpoint = writtenRecord(message) && readCheckpoint(message.text(), subject, seq);
      found.push({ key: this.subjects.keptOf(subject), version: checkpoint?.version ?? '' });
    });
    return { found, count: found.length + more };
  }

  forgetImage(): void {
    this.image = emptyImage();
  }

  async readReleasedFence(version: string): Promise<ExpectingMessage | undefined> {
    const subject = this.subjects.fenceOf(version);
    const { record, seq } = await this.reader.readRecord(this.stream, subject);
    if (!record || !readFence(record.text(), subject, seq)?.isReleased) return undefined;
    return { subject, payload: record.text(), expected: seq };
  }

  /** The newest message of a subject, of a replica that knows the fence. @throws FenceUnknown, NotRead */
  private async readBehind(subject: string, fence: number, atLeast = 0): Promise<StoredMessage | undefined> {
    const startedAt = performance.now();
    for (;;) {
      const request = { multi_last: [subject, this.subjects.fence], batch: 2 };
      const found = await this.reader.readMessages(this.stream, request);
      const known = found.find((message) => message.subject === this.subjects.fence)?.seq ?? 0;
      const message = found.find((one) => one.subject === subject);
      const isRecent = (message?.seq ?? 0) >= atLeast || performance.now() > startedAt + mostLagMs;
      if (known >= fence && isRecent) return message;
      await waitForLag(startedAt);
    }
  }

  /**
   * Both parts at once: an owner that acquires has a message in each behind its fence, so whichever has that has all before it.
   *
   * @returns where the newest fence stands that is sure to be known with all rooms before it
   */
  private async readImage(): Promise<number> {
    const image = emptyImage();
    const [fence, last] = await Promise.all([this.readOwn(image), this.readRooms(image)]);
    this.image = image;
    return Math.min(fence, last);
  }

  /** The fence and the log. @returns where the newest of both stands */
  private async readOwn({ log }: PartitionImage): Promise<number> {
    let fence = 0;
    await this.reader.readAll(this.stream, this.subjects.own, (message) => {
      const slot = this.subjects.slotOf(message.subject);
      fence = Math.max(fence, message.seq);
      const written = slot !== undefined && writtenRecord(message);
      if (!written) return;
      const { subject, seq } = message;
      const record = seq < this.logStoredUpTo ? storedRecord : readLogRecord(written.text(), subject, seq);
      log.push({ slot, seq, record });
    });
    return fence;
  }

  /** @returns where the newest message stands */
  private async readRooms({ states }: PartitionImage): Promise<number> {
    let last = 0;
    await this.reader.readAll(this.stream, this.subjects.rooms, (message) => {
      last = message.seq;
      const key = this.subjects.entityOf(message.subject);
      const written = key.startsWith('_.') ? undefined : writtenRecord(message);
      const checkpoint = written && readCheckpoint(written.text(), message.subject, message.seq);
      if (checkpoint) states.set(key, { checkpoint, seq: message.seq });
    });
    return last;
  }
}

/** @throws FenceUnknown when a replica has had the time to follow */
async function waitForLag(since: number): Promise<void> {
  if (performance.now() > since + giveUpLagMs) throw new FenceUnknown();
  await sleep(lagMs);
}
