import { constants, gunzipSync } from 'node:zlib';
import type { RecordedStep, Recording, RecordingHead } from './recording.js';

/**
 * A recording of a file's content. A last line that was cut off is left out, as its server was killed while it wrote.
 *
 * @throws Error in a sentence where it is no recording
 */
export function readRecording(content: Buffer): Recording {
  const lines = textOf(content).split('\n');
  // The last one is empty, or was cut off.
  const [first, ...rest] = lines.slice(0, -1);
  const head = first === undefined ? undefined : (JSON.parse(first) as Partial<RecordingHead>);
  if (!head?.checkpoint) throw new Error('This is no recording of a room.');
  return { head: head as RecordingHead, steps: rest.map((line) => JSON.parse(line) as RecordedStep) };
}

function textOf(content: Buffer): string {
  try {
    return gunzipSync(content, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  } catch (error) {
    throw new Error('This is no recording of a room.', { cause: error });
  }
}
