import type { Checkpoint } from './records.js';

/** The checkpoint of an id under which nothing was born. */
export const unborn = {
  version: '',
  stateVersion: 0,
  n: 0,
  birth: '',
  random: 0,
  now: 0,
  tick: 0,
  members: [],
  answers: [],
  outputs: [],
};

/** The part of an entity that has ended which the next one under its id goes on with: its callers may ask again, and others wait for its calls. */
export function leftOf(ended: Checkpoint): Omit<Checkpoint, 'state'> {
  const { n, answers, outputs, calls, lastCall, heard } = ended;
  return { ...unborn, n, answers, outputs, calls, lastCall, heard };
}
