import type { Mode } from '@ccgame/matchmaker';

/** Four players; after 5 s with those who are there, and bots. */
export const arenaMode: Mode = {
  name: 'arena',
  teams: 4,
  teamSize: 1,
  fewer: { afterMs: 5_000, teams: 1 },
  maxParty: 1,
  hardKeys: [],
};
