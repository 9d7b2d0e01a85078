import { modes } from '../../../../../game/src/modes.js';
import { checkMode, checkModes } from './check-mode.js';
import type { Mode } from './mode.js';

const duel: Mode = { name: 'duel', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] };
const skilled: Mode = {
  ...duel,
  attributes: { skill: { type: 'number', min: 0, max: 5000 } },
  skill: { attribute: 'skill', start: 50, perSecond: 10 },
  longestWaitMs: 60_000,
};

const later = (teamSize: number, party: number): object => ({
  ...{ teamSize, minParty: party, maxParty: party },
  fewer: { afterMs: 1, teamSize: party },
});

describe('the check of a mode', () => {
  it('passes the modes of the game', () => {
    expect(modes.flatMap(checkMode)).toEqual([]);
    expect(modes.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['duel', 'ranked', 'demo', 'squads']),
    );
  });

  it.each<[string, unknown, string, RegExp]>([
    ['nothing', null, '', /object/],
    ['a field that no mode has', { ...duel, teamsize: 2 }, '', /teamsize/],
    ['a number that is none', { ...duel, teamSize: NaN }, 'teamSize', /number/],
    ['half a player', { ...duel, teamSize: 1.5 }, 'teamSize', /int/],
    ['a name with a dot', { ...duel, name: 'a.b' }, 'name', /lower-case word/],
    ['a party larger than a team', { ...duel, maxParty: 2 }, 'maxParty', /more than a team of 1/],
    ['a match of one', { ...duel, teams: 1 }, 'teams', /two players/],
    [
      'a hard key that is not declared',
      { ...duel, hardKeys: ['region'] },
      'hardKeys',
      /region.*no attribute/,
    ],
    ['a number as hard key', { ...skilled, hardKeys: ['skill'] }, 'hardKeys', /number/],
    [
      'a skill that no ticket carries',
      { ...skilled, attributes: {} },
      'skill.attribute',
      /no number attribute/,
    ],
    ['a window without an end', { ...skilled, longestWaitMs: undefined }, 'longestWaitMs', /wait for ever/],
    [
      'a bound whose square is no number',
      { ...skilled, attributes: { skill: { type: 'number', min: 0, max: Number.MAX_VALUE } } },
      'attributes.skill.max',
      /1000000000000000/,
    ],
    [
      'a window without bounds',
      { ...skilled, skill: { ...skilled.skill, start: 1e300 } },
      'skill.start',
      /big/,
    ],
    ['a window in reverse', { ...skilled, skill: { ...skilled.skill, most: 10 } }, 'skill.most', /50/],
    ['an expiry before the longest wait', { ...skilled, ticketExpiryMs: 5000 }, 'ticketExpiryMs', /60000/],
    [
      'an expiry before the smaller match',
      { ...duel, fewer: { afterMs: 5_000, teams: 1 }, ticketExpiryMs: 5_000 },
      'ticketExpiryMs',
      /smaller, after 5000 ms/,
    ],
    [
      'an expiry before it does without roles',
      { ...duel, roles: { perTeam: { tank: 1 }, untilMs: 5_000 }, ticketExpiryMs: 2_000 },
      'ticketExpiryMs',
      /without roles, after 5000 ms/,
    ],
    ['more roles than places', { ...duel, roles: { perTeam: { tank: 2 } } }, 'roles.perTeam', /asks for 2/],
    [
      'a smaller match that is larger',
      { ...duel, fewer: { afterMs: 1, teamSize: 3 } },
      'fewer.teamSize',
      /more/,
    ],
    [
      'a default that is none of its values',
      { ...duel, attributes: { map: { type: 'enum', values: ['a'], default: 'b' } } },
      'attributes.map.default',
      /none of a/,
    ],
    [
      'half a surrogate pair for a value',
      { ...duel, attributes: { map: { type: 'enum', values: ['a', '\ud800'] } }, hardKeys: ['map'] },
      'attributes.map.values.1',
      /no text/,
    ],
    [
      'a line for a default',
      { ...duel, attributes: { map: { type: 'string', default: 'a\nb' } }, hardKeys: ['map'] },
      'attributes.map.default',
      /no text|Invalid/,
    ],
    [
      'a whole number whose default is none',
      { ...duel, attributes: { level: { type: 'number', min: 0, max: 9, integer: true, default: 1.5 } } },
      'attributes.level.default',
      /no whole number/,
    ],
    [
      'bounds without a whole number',
      { ...duel, attributes: { level: { type: 'number', min: 0.2, max: 0.8, integer: true } } },
      'attributes.level',
      /no whole number/,
    ],
    [
      'parties that never fill a team',
      { ...duel, teamSize: 3, minParty: 2, maxParty: 2 },
      'minParty',
      /party of 2 without others/,
    ],
    [
      'a party that leaves one place, where two queue at least',
      { ...duel, teamSize: 4, minParty: 2, maxParty: 3 },
      'minParty',
      /party of 3 without others/,
    ],
    ['half a surrogate pair for a group', { ...duel, versionGroup: 'a\udc00' }, 'versionGroup', /no text/],
  ])('refuses %s and says where', (_what, mode, field, problem) => {
    expect(checkMode(mode)).toContainEqual({ field, problem: expect.stringMatching(problem) });
  });

  it.each<[string, object]>([
    ['that are full teams', { teamSize: 3, minParty: 3, maxParty: 3 }],
    ['of two and three in a team of five', { teamSize: 5, minParty: 2, maxParty: 3 }],
    ['of two in a team of three, of which two are enough later', later(3, 2)],
  ])('passes parties %s', (_, sizes) => {
    expect(checkMode({ ...duel, ...sizes })).toEqual([]);
  });

  it('names every mode that is wrong, and a name that is there twice', () => {
    const wrong = { ...duel, name: 'trio', maxParty: 3 };
    expect(() => checkModes([duel, wrong, duel])).toThrow(/trio: maxParty[^]*duel: is declared twice/);
  });
});
