import { isConflict, isNotNow, standingSequence } from '@ccgame/jetstream';

/** A store refused a write, all of it, as something else was written first where a message was to go. */
export class WriteConflict extends Error {
  override readonly name: string = 'WriteConflict';

  /** @param standing the sequence that stands there; 0: nothing does; undefined: the store didn't say */
  constructor(
    readonly standing?: number,
    options?: ErrorOptions,
  ) {
    super(`Sequence ${standing} stands where a message was to go`, options);
  }
}

/** A store had no room for a write just then: nothing of it is stored, and the same may be tried again. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
}

/** A write to a stream, with JetStream's refusals told as `FenceStore.write` has to. */
export async function tellingConflicts<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (isNotNow(error)) throw new NotTaken('JetStream takes no batch now', { cause: error });
    throw isConflict(error) ? new WriteConflict(standingSequence(error), { cause: error }) : error;
  }
}
