import type { ExpectingMessage } from '@ccgame/jetstream';
import { CommitConflict, type FencedPartition } from '@ccgame/ownership';
import type { HeldEntity } from '../memory/held-entity.js';
import type { StoredCheckpoint } from './entity-store.js';
import type { Measures } from './last-states.js';
import type { PartitionSubjects } from './partition-subjects.js';
import type { PendingInput } from './pending-input.js';
import type { PlannedBatch, PlannedState } from './plan-flush.js';

/** The partition that a batch is for. */
export interface CommitContext {
  fenced: Pick<FencedPartition, 'commit'>;
  subjects: PartitionSubjects;
  /** @throws where it can't be read */
  readStored: (held: HeldEntity) => Promise<StoredCheckpoint>;
}

/**
 * Stores a batch; where the records of ended entities, or the claims of newborn ones, have run out, over nothing.
 *
 * @returns see {@link FencedPartition.commit}
 * @throws CommitConflict, PartitionLost
 */
export async function commitBatch(
  { messages, states }: Pick<PlannedBatch, 'messages' | 'states'>,
  context: CommitContext,
): Promise<number> {
  const { fenced, subjects } = context;
  try {
    return await fenced.commit(messages);
  } catch (error) {
    if (!(error instanceof CommitConflict)) throw error;
    const passing = states.filter(({ ended, held }) => ended || held.claimedUntil !== undefined);
    const gone = await findGone(
      passing.map(({ held }) => held),
      context,
    );
    if (gone.length === 0) throw error;
    const expired = new Set(gone.map(({ key, isRoom }) => subjects.state(key, isRoom)));
    const overNothing = (message: ExpectingMessage): ExpectingMessage =>
      expired.has(message.subject) ? { ...message, expected: 0 } : message;
    return fenced.commit(messages.map(overNothing));
  }
}

async function findGone(all: HeldEntity[], { readStored }: CommitContext): Promise<HeldEntity[]> {
  const seqs = await Promise.all(all.map(async (held) => (await readStored(held)).seq));
  return all.filter((_, index) => seqs[index] === 0);
}

/** Entities go back to what was stored: a checkpoint where one was made, and the inputs behind it. A room is never put back. */
export function noteCommitted(
  states: readonly PlannedState[],
  measures: Measures,
  inputs: readonly PendingInput[],
): void {
  const isWhole = new Set(states.map(({ held }) => held));
  for (const [held, made] of measures) {
    if (!('checkpoint' in made)) continue;
    held.commitAs(made.checkpoint);
    isWhole.add(held);
  }
  for (const { held, json } of inputs) if (!held.isRoom && !isWhole.has(held)) held.commitInput(json);
}
