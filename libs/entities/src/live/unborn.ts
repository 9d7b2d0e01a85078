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
