import type { LiveRecorder, RoomAtTick } from '../live/live-recorder.js';
import type { Answer } from '../live/records.js';

/** Writes what happens to one room, as lines of JSON: see `recording.ts`. */
export class RoomRecorder implements LiveRecorder {
  private lines: string[];

  constructor(firstLine: string) {
    this.lines = [firstLine];
  }

  noteInput(inputJson: string, answer: Answer): void {
    this.lines.push(`{"input":${inputJson},"answer":${JSON.stringify(answer)}}`);
  }

  noteVolatile(callJson: string): void {
    this.lines.push(`{"volatile":${callJson}}`);
  }

  /** As text at once: the room goes on with the same objects. */
  noteTick({ tick, surroundings, instance }: RoomAtTick): void {
    const state = JSON.stringify(instance.state) ?? '{}';
    this.lines.push(`{"tick":${tick},"surroundings":${JSON.stringify(surroundings)},"state":${state}}`);
  }

  /** The lines since the last time; empty where there are none. */
  takeLines(): string {
    const lines = this.lines.splice(0);
    return lines.length > 0 ? `${lines.join('\n')}\n` : '';
  }
}
