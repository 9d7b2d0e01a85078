import { appendFile, mkdir, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Logger } from '@nestjs/common';
import type { HeldEntity } from '../memory/held-entity.js';
import type { Checkpoint } from '../live/records.js';
import type { RecordingHead } from './recording.js';
import { RoomRecorder } from './room-recorder.js';

const compress = promisify(gzip);
const writeMs = 1_000;
/** Bytes of one file, before they are compressed: a longer recording goes on in a file of its own, from a checkpoint. */
const mostFileBytes = 32 * 1024 * 1024;
/** Bytes of all files in the folder; the oldest go. */
const mostFolderBytes = 256 * 1024 * 1024;
const extension = '.jsonl.gz';

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
  private readonly open = new Map<HeldEntity, OpenRecording>();
  private readonly timer: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();
  private isBroken = false;

  constructor(
    private readonly folder: string,
    private readonly serverId: string,
  ) {
    this.timer = setInterval(() => void this.writeAll(), writeMs);
  }

  /** Records a room from now on. */
  beginRecording(held: HeldEntity): void {
    if (this.isBroken) return;
    const { contract, stateVersion } = held.kind.mark;
    const head: RecordingHead = {
      entity: contract.name,
      serverType: contract.serverType,
      id: held.id,
      version: held.live.place.version,
      serverId: this.serverId,
      at: Date.now(),
      stateVersion,
      checkpoint: JSON.parse(held.live.snapshot().checkpoint) as Checkpoint,
    };
    const recorder = new RoomRecorder(JSON.stringify(head));
    held.live.recorder = recorder;
    const name = [contract.name, held.id, this.serverId, head.at]
      .map(String)
      .map(encodeURIComponent)
      .join('~');
    this.open.set(held, { recorder, file: join(this.folder, `${name}${extension}`), bytes: 0 });
  }

  /** The room isn't here any more. */
  async endRecording(held: HeldEntity): Promise<void> {
    held.live.recorder = undefined;
    const recording = this.open.get(held);
    this.open.delete(held);
    if (recording) await this.enqueue(() => this.appendLines(recording));
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.writeAll();
  }

  private writeAll(): Promise<void> {
    return this.enqueue(async () => {
      for (const [held, recording] of this.open) {
        await this.appendLines(recording);
        if (recording.bytes > mostFileBytes && this.open.get(held) === recording) this.beginRecording(held);
      }
      await this.removeOldest();
    });
  }

  private enqueue(work: () => Promise<void>): Promise<void> {
    this.writing = this.writing.then(work).catch((error: unknown) => {
      if (!this.isBroken) this.log.error({ event: 'room.recording-failed', folder: this.folder, err: error });
      // A disk that takes no more is no reason to hold the lines in memory.
      this.isBroken = true;
      for (const held of this.open.keys()) held.live.recorder = undefined;
      this.open.clear();
    });
    return this.writing;
  }

  /** Each part is a whole of gzip's: together they are one, and a part that is cut off takes no other with it. */
  private async appendLines(recording: OpenRecording): Promise<void> {
    const text = recording.recorder.takeLines();
    if (text === '') return;
    if (recording.bytes === 0) await mkdir(this.folder, { recursive: true });
    recording.bytes += text.length;
    await appendFile(recording.file, await compress(text));
  }

  private async removeOldest(): Promise<void> {
    const names = (await readdir(this.folder).catch(() => [])).filter((name) => name.endsWith(extension));
    const paths = names.map((name) => join(this.folder, name));
    const files = await Promise.all(paths.map(async (path) => ({ path, ...(await sizeOf(path)) })));
    let bytes = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of files.sort((one, other) => one.mtimeMs - other.mtimeMs)) {
      if (bytes <= mostFolderBytes) return;
      await unlink(path).catch(() => undefined);
      bytes -= size;
    }
  }
}

async function sizeOf(path: string): Promise<{ size: number; mtimeMs: number }> {
  const { size, mtimeMs } = await stat(path);
  return { size, mtimeMs };
}
