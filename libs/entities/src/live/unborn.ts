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

/** The part of an ended entity that the next one under its id inherits: answers that may be asked for again, and calls that have not arrived. */
export function leftOf(ended: Checkpoint): Omit<Checkpoint, 'state'> {
  const { n, answers, outputs, calls, lastCall, heard } = ended;
  return { ...unborn, n, answers, outputs, calls, lastCall, heard };
}
