import { Logger } from '@nestjs/common';
import type { Checkpoint } from '../live/records.js';
import type { HeldEntity } from '../memory/held-entity.js';
import type { RecordingHead } from './recording.js';
import { RecordingFolder } from './recording-folder.js';
import { type HeldLines, RoomRecorder } from './room-recorder.js';

const writeMs = 1_000;
/** Bytes of one file, before they are compressed: a longer recording goes on in a file of its own, from a checkpoint. */
const mostFileBytes = 32 * 1024 * 1024;
/** The end of the server's id is in the file's name, which has at most 255 bytes beside long names and ids. The first line has the whole. */
const mostServerIdChars = 37;
/** After so long a room whose lines couldn't be written is recorded anew, from a checkpoint. */
const againMs = 60_000;

interface OpenRecording {
  recorder: RoomRecorder;
  file: string;
  bytes: number;
}

/**
 * The recordings of a server's rooms, as files in a folder: a room's since it came to this server. A file that ends early, as its
 * server was killed, is read as far as it goes.
 */
export class Recordings {
  private readonly log = new Logger('entities');
  private readonly folder: RecordingFolder;
  private readonly open = new Map<HeldEntity, OpenRecording>();
  /** When the recording of a room failed, by `performance.now`. */
  private readonly failed = new Map<HeldEntity, number>();
  private readonly held: HeldLines = { bytes: 0 };
  private readonly timer: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();
  private isWriting = false;
  private lastAt = 0;

  constructor(
    private readonly path: string,
    private readonly serverId: string,
  ) {
    this.folder = new RecordingFolder(path);
    this.timer = setInterval(() => {
      if (!this.isWriting) void this.writeAll();
    }, writeMs);
  }

  /** Records a room from now on. */
  beginRecording(held: HeldEntity): void {
    const { contract, stateVersion } = held.kind.mark;
    this.failed.delete(held);
    // A room may come back within the same ms.
    this.lastAt = Math.max(Date.now(), this.lastAt + 1);
    const head: RecordingHead = {
      entity: contract.name,
      serverType: contract.serverType,
      id: held.id,
      version: held.live.place.version,
      serverId: this.serverId,
      at: this.lastAt,
      stateVersion,
      checkpoint: JSON.parse(held.live.snapshot().checkpoint) as Checkpoint,
    };
    const recorder = new RoomRecorder(JSON.stringify(head), this.held);
    held.live.recorder = recorder;
    const name = [contract.name, held.id, this.serverId.slice(-mostServerIdChars), head.at].join('~');
    this.open.set(held, { recorder, file: this.folder.fileOf(name), bytes: 0 });
  }

  /** The room isn't here any more. */
  async endRecording(held: HeldEntity): Promise<void> {
    held.live.recorder = undefined;
    this.failed.delete(held);
    const recording = this.open.get(held);
    this.open.delete(held);
    if (recording) await this.enqueue(() => this.writeRecordings([[held, recording]]));
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.writeAll();
  }

  /** Writes the lines that have come so far. */
  writeAll(): Promise<void> {
    this.isWriting = true;
    return this.enqueue(async () => {
      await this.writeRecordings([...this.open]);
      this.beginFailedAgain();
      await this.folder.removeOldest();
    }).finally(() => (this.isWriting = false));
  }

  private beginFailedAgain(): void {
    for (const [held, failedAt] of this.failed) {
      if (performance.now() - failedAt < againMs) continue;
      this.failed.set(held, performance.now());
      this.beginRecording(held);
    }
  }

  private enqueue(work: () => Promise<void>): Promise<void> {
    this.writing = this.writing.then(work).catch((error: unknown) => this.noteFailure(1, error));
    return this.writing;
  }

  /** One that fails leaves the others as they are. */
  private async writeRecordings(recordings: readonly [HeldEntity, OpenRecording][]): Promise<void> {
    const errors: unknown[] = [];
    for (const [held, recording] of recordings) {
      try {
        await this.appendLines(held, recording);
      } catch (error) {
        errors.push(error);
        this.dropRecording(held, recording);
      }
    }
    if (errors.length > 0) this.noteFailure(errors.length, errors[0]);
  }

  private noteFailure(rooms: number, err: unknown): void {
    this.log.error({ event: 'room.recording-failed', folder: this.path, rooms, err });
  }

  /** Its lines are no reason to use memory, and a file with a gap is worth nothing behind it. */
  private dropRecording(held: HeldEntity, recording: OpenRecording): void {
    recording.recorder.takeLines();
    if (this.open.get(held) !== recording) return;
    held.live.recorder = undefined;
    this.open.delete(held);
    this.failed.set(held, performance.now());
  }

  private async appendLines(held: HeldEntity, recording: OpenRecording): Promise<void> {
    const { recorder, file } = recording;
    const text = recorder.takeLines();
    if (recorder.hasLeftOut) throw new Error('Recordings wait for the disk, and are too many');
    if (text === '') return;
    const isFirst = recording.bytes === 0;
    recording.bytes += Buffer.byteLength(text);
    // In the same turn: all that comes while this is written is in the next file.
    if (recording.bytes > mostFileBytes && this.open.get(held) === recording) this.beginRecording(held);
    await this.folder.appendPart(file, text, isFirst);
  }
}
