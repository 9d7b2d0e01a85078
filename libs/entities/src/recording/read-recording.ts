import { constants, gunzipSync } from 'node:zlib';
import { parseJson } from '@ccgame/jetstream';
import { isCheckpoint, isObject, latestMs } from '../storage/stored-json.js';
import type { RecordedStep, Recording, RecordingHead } from './recording.js';

/**
 * A recording of a file's content. A last line that was cut off is left out, as its server was killed while it wrote.
 *
 * @throws Error in a sentence where it is no recording, or one of its lines is damaged
 */
export function readRecording(content: Buffer): Recording {
  const lines = textOf(content).split('\n');
  // The last one is empty, or was cut off.
  const [first = '', ...rest] = lines.slice(0, -1);
  const head = parseJson<Partial<RecordingHead>>(first);
  if (!head || !isHead(head)) throw noRecording();
  return { head, steps: rest.map(stepOf) };
}

/** @param at counts from the second line of the file */
function stepOf(line: string, at: number): RecordedStep {
  const step = parseJson<Record<string, unknown>>(line) ?? {};
  const { tick, surroundings, input, answer, volatile } = step;
  const isTick = Number.isSafeInteger(tick) && isObject(surroundings);
  if (isTick || (isObject(input) && isObject(answer)) || isObject(volatile))
    return step as unknown as RecordedStep;
  throw new Error(`Line ${at + 2} of the recording is damaged: it is neither an input nor a tick.`);
}

type Fields<T> = { [Name in keyof T]?: unknown };

function isHead(head: Fields<RecordingHead>): head is RecordingHead {
  const { entity, serverType, id, version, at, stateVersion, checkpoint } = head;
  return (
    [entity, serverType, id, version].every((one) => typeof one === 'string') &&
    [at, stateVersion].every(Number.isFinite) &&
    Math.abs(at as number) <= latestMs &&
    isObject(checkpoint) &&
    // A room that is not born yet may have no state.
    isCheckpoint({ state: {}, ...checkpoint })
  );
}

const noRecording = (cause?: unknown): Error => new Error('This is no recording of a room.', { cause });

function textOf(content: Buffer): string {
  try {
    return gunzipSync(content, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  } catch (error) {
    throw noRecording(error);
  }
}
