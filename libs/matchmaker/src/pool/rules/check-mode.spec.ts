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
    ['half a surrogate pair for a group', { ...duel, versionGroup: 'a\udc00' }, 'versionGroup', /no text/],
  ])('refuses %s and says where', (_what, mode, field, problem) => {
    expect(checkMode(mode)).toContainEqual({ field, problem: expect.stringMatching(problem) });
  });

  it('names every mode that is wrong, and a name that is there twice', () => {
    const wrong = { ...duel, name: 'trio', maxParty: 3 };
    expect(() => checkModes([duel, wrong, duel])).toThrow(/trio: maxParty[^]*duel: is declared twice/);
  });
});
