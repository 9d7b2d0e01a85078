import { payloadCheckOf } from '@ccgame/rpc';
import { JoinMatchingDto } from '../../contracts/matching.js';
import { OpenTicketDto } from '../../contracts/party.js';
import { checkAttributes, completeAttributes, skillOf } from './attributes.js';
import { checkJoin } from './check-join.js';
import { checkMode } from './check-mode.js';
import type { Mode } from './mode.js';
import { partitionOf } from '../partition.js';

const mode: Mode = {
  name: 'squads',
  teams: 2,
  teamSize: 3,
  maxParty: 2,
  attributes: {
    region: { type: 'enum', values: ['eu', 'us'], default: 'eu' },
    room: { type: 'string', maxLength: 8, default: '' },
    skill: { type: 'number', min: 0, max: 5000 },
    level: { type: 'number', min: 1, max: 99, integer: true, optional: true },
  },
  hardKeys: ['region', 'room'],
  skill: { attribute: 'skill', start: 50, perSecond: 10 },
  longestWaitMs: 60_000,
  roles: { perTeam: { tank: 1 } },
  latency: { limitsMs: { eu: 60, us: 60 } },
};
const players = ['anna', 'ben'];
const fine = { players, attributes: { skill: 1 }, latencyMs: { eu: 20 } };

describe('the attributes of a ticket', () => {
  it.each<[string, unknown, string, string]>([
    ['no object', 'eu', '', 'not-an-object'],
    ['a list', [], '', 'not-an-object'],
    ['a key that the mode does not know', { skill: 1, admin: true }, 'admin', 'unknown'],
    ['a key of every object', JSON.parse('{"skill":1,"__proto__":{"region":"us"}}'), '__proto__', 'unknown'],
    ['a missing one', {}, 'skill', 'missing'],
    ['the wrong type', { skill: '1500' }, 'skill', 'wrong-type'],
    ['null', { skill: null }, 'skill', 'wrong-type'],
    ['NaN', { skill: NaN }, 'skill', 'not-finite'],
    ['an endless skill', { skill: Infinity }, 'skill', 'not-finite'],
    ['too much skill', { skill: 5001 }, 'skill', 'out-of-bounds'],
    ['half a level', { skill: 1, level: 1.5 }, 'level', 'wrong-type'],
    ['a text of absurd size', { skill: 1, room: 'x'.repeat(1e6) }, 'room', 'too-long'],
    ['half a character', { skill: 1, room: '\ud800' }, 'room', 'malformed'],
    ['a value that is none', { skill: 1, region: 'mars' }, 'region', 'not-a-value'],
    [
      'thousands of keys',
      Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, 1])),
      '',
      'too-many',
    ],
  ])('refuse %s', (_what, attributes, attribute, problem) => {
    const problems = checkAttributes(mode, attributes);
    expect(problems).toContainEqual({ attribute, problem, expected: expect.any(String) });
    expect(JSON.stringify(problems).length).toBeLessThan(4096);
  });

  it('are completed with the defaults of the mode', () => {
    expect(checkAttributes(mode, { skill: 7 })).toEqual([]);
    const complete = completeAttributes(mode, { skill: 7 });
    expect(complete).toEqual({ region: 'eu', room: '', skill: 7 });
    expect(skillOf(mode, complete)).toBe(7);
  });
});

describe('the check of a join', () => {
  it('lets as many join together as the largest party that a mode may have', async () => {
    const clans: Mode = { name: 'clans', teams: 2, teamSize: 100, maxParty: 100, hardKeys: [] };
    const party = Array.from({ length: 100 }, (_, index) => `p${index}`);
    expect([checkMode(clans), checkJoin(clans, { players: party })]).toEqual([[], []]);
    const byLeader = { mode: 'clans', party: party.slice(1) };
    await payloadCheckOf(JoinMatchingDto)(byLeader);
    await payloadCheckOf(OpenTicketDto)({ mode: 'clans', players: party });
  });

  it('passes what fits', () => {
    expect(checkJoin(mode, { ...fine, roles: [['tank'], []] })).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['a party too large', { players: ['a', 'b', 'c'] }, 'players'],
    ['nobody', { players: [] }, 'players'],
    ['a player twice', { players: ['anna', 'anna'] }, 'players'],
    ['a role that the mode has not', { roles: [['healer'], []] }, 'roles'],
    ['roles for fewer than the party', { roles: [['tank']] }, 'roles'],
    ['roles of the wrong type', { roles: 'tank' }, 'roles'],
    ['an unknown region', { latencyMs: { mars: 20 } }, 'latencyMs'],
    ['a latency that is no number', { latencyMs: { eu: NaN } }, 'latencyMs'],
    ['no latency where the mode limits it', { latencyMs: undefined }, 'latencyMs'],
    ['a wrong attribute', { attributes: {} }, 'attributes.skill'],
    ['attributes that are none', { attributes: 7 }, 'attributes'],
  ])('refuses %s', (_what, change, field) => {
    expect(checkJoin(mode, { ...fine, ...change })).toEqual([expect.objectContaining({ field })]);
  });
});

describe('the check of the roles of a join', () => {
  const duo: Mode = {
    name: 'duo',
    teams: 2,
    teamSize: 2,
    maxParty: 2,
    hardKeys: [],
    roles: { perTeam: { tank: 1, healer: 1 } },
  };

  it.each<[string, Partial<Mode>, string[][] | undefined, boolean]>([
    ['a player of none, where all places are for roles', {}, undefined, false],
    ['two of one role, where a team has a place for one', {}, [['tank'], ['tank']], false],
    ['two who can play both between them', {}, [['tank'], ['tank', 'healer']], true],
    ['a player of one', {}, [['healer']], true],
    ['a player of none beside the roles', { teamSize: 3 }, undefined, true],
    [
      'a player of none, who is wanted after a wait',
      { roles: { ...duo.roles!, untilMs: 1 } },
      undefined,
      true,
    ],
    ['a player of none, whom a running match may want', { backfill: true }, undefined, true],
  ])('of %s', (_, change, roles, isLetIn) => {
    const asked = { players: players.slice(0, roles?.length ?? 1), roles };
    const [problem, ...others] = checkJoin({ ...duo, ...change }, asked);
    expect([problem?.field, others]).toEqual([isLetIn ? undefined : 'roles', []]);
  });
});

describe('the partition of a ticket', () => {
  const version = '1.0.0000';
  const of = (region: string, room: string): string =>
    partitionOf(mode, { version, attributes: { region, room, skill: 1 } });

  it('is one token of a subject whatever a player types', () => {
    expect(of('eu', 'a.b *>~é')).toMatch(/^squads~1%2E0%2E0000~eu~[^\s.*>~]+$/);
  });

  it('differs when a hard key or the version does, and in nothing else', () => {
    const names = [of('eu', ''), of('', 'eu'), of('eu', 'a~b'), of('eu~a', 'b'), of('us', 'a')];
    expect(new Set(names).size).toBe(names.length);
    const attributes = { region: 'eu', room: '', skill: 9 };
    expect(partitionOf(mode, { version, attributes })).toBe(of('eu', ''));
    expect(partitionOf(mode, { version: '2.0.0000', attributes })).not.toBe(of('eu', ''));
  });
});
