import type { LiveRecorder, RoomAtTick } from '../live/live-recorder.js';
import type { Answer } from '../live/records.js';

/** Lines of all recorders of a server that wait for the disk. */
export interface HeldLines {
  bytes: number;
}

/** While the disk is too slow, or hangs. */
const mostHeldBytes = 64 * 1024 * 1024;

/** Writes what happens to one room, as lines of JSON: see `recording.ts`. */
export class RoomRecorder implements LiveRecorder {
  private lines: string[] = [];
  private bytes = 0;
  /** Too many lines waited: what follows is worth nothing. */
  hasLeftOut = false;

  constructor(
    firstLine: string,
    private readonly held: HeldLines,
  ) {
    this.holdLine(firstLine);
  }

  noteInput(inputJson: string, answer: Answer): void {
    this.holdLine(`{"input":${inputJson},"answer":${JSON.stringify(answer)}}`);
  }

  noteVolatile(callJson: string): void {
    this.holdLine(`{"volatile":${callJson}}`);
  }

  /** As text at once: the room goes on with the same objects. */
  noteTick({ tick, surroundings, instance }: RoomAtTick): void {
    const state = JSON.stringify(instance.state) ?? '{}';
    this.holdLine(`{"tick":${tick},"surroundings":${JSON.stringify(surroundings)},"state":${state}}`);
  }

  /** The lines since the last time; empty where there are none. */
  takeLines(): string {
    const lines = this.lines.splice(0);
    this.held.bytes -= this.bytes;
    this.bytes = 0;
    return lines.length > 0 ? `${lines.join('\n')}\n` : '';
  }

  private holdLine(line: string): void {
    const bytes = Buffer.byteLength(line);
    this.hasLeftOut ||= this.held.bytes + bytes > mostHeldBytes;
    if (this.hasLeftOut) return;
    this.lines.push(line);
    this.bytes += bytes;
    this.held.bytes += bytes;
  }
}
