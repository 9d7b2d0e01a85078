import { checkModes } from '@ccgame/matchmaker';
import type { Mode } from '@ccgame/matchmaker';
import { arenaMode } from '#arena/arena-mode.js';

/** The modes of the game: the one place where a designer changes them. Times in ms, skill in the game's own points. */
export const modes: Mode[] = checkModes([
  { name: 'duel', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] },
  { name: 'demo', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] },
  arenaMode,
  {
    name: 'ranked',
    teams: 2,
    teamSize: 3,
    maxParty: 3,
    attributes: {
      region: { type: 'enum', values: ['eu', 'us', 'asia'], default: 'eu' },
      skill: { type: 'number', min: 0, max: 10_000, default: 1500, setBy: 'server' },
    },
    hardKeys: ['region'],
    skill: { attribute: 'skill', start: 50, perSecond: 10 },
    longestWaitMs: 60_000,
    backfill: true,
    readyCheckMs: 10_000,
  },
  {
    name: 'squads',
    teams: 2,
    teamSize: 3,
    fewer: { afterMs: 90_000, teamSize: 2 },
    maxParty: 2,
    attributes: {
      platform: { type: 'enum', values: ['pc', 'console'], default: 'pc' },
      map: { type: 'enum', values: ['harbour', 'ridge'], default: 'harbour' },
      skill: { type: 'number', min: 0, max: 10_000, default: 1500, setBy: 'server' },
    },
    hardKeys: ['platform', 'map'],
    skill: { attribute: 'skill', start: 100, perSecond: 15, most: 1000 },
    roles: { perTeam: { tank: 1 }, untilMs: 120_000 },
    latency: { limitsMs: { eu: 60, us: 60, asia: 80 }, perSecondMs: 1 },
    longestWaitMs: 90_000,
    backfill: true,
    ticketExpiryMs: 600_000,
  },
]);
