import fc from 'fast-check';
import { calmTime } from '@ccgame/testing';
import { type ClientFacts, chooseVersion } from './choose-version.js';
import {
  addVersion,
  drainVersion,
  endCanary,
  firstTable,
  markLive,
  promoteVersion,
  retireVersion,
  setCanary,
  type TableChange,
} from './table-changes.js';
import { parseTable, tableProblems } from './table-problems.js';
import type { ReleaseTable } from './table.js';

const after = (table: ReleaseTable, ...changes: TableChange[]): ReleaseTable =>
  changes.reduce((changed, change) => parseTable(change(changed)), table);

const two = after(firstTable('production', '1.0.0000'), addVersion('1.0.0001'), markLive('1.0.0001'));
const three = after(two, addVersion('1.0.0002'), markLive('1.0.0002'));

const players = Array.from({ length: 10_000 }, (_, i) => `player-${i}`);
const versionsOf = (table: ReleaseTable): string[] =>
  players.map((playerId) => chooseVersion(table, { playerId }).version);
const count = (versions: string[], version: string): number =>
  versions.filter((one) => one === version).length;
const moved = (before: string[], now: string[]): number =>
  before.filter((version, i) => version !== now[i]).length;

/** Five standard deviations of a binomial share of 10,000: a false alarm in two million runs. */
const bound = (percent: number): number => 5 * Math.sqrt(10_000 * (percent / 100) * (1 - percent / 100)) + 1;

describe('the version of a client', () => {
  it('is stable where nothing says otherwise', () => {
    expect(chooseVersion(two, {})).toEqual({ version: '1.0.0000', because: 'stable' });
    expect(chooseVersion(two, { playerId: 'anna' }).version).toBe('1.0.0000');
  });

  it('is found after a thousand releases, in a table that does not grow with them', () => {
    const versions = Array.from({ length: 1_000 }, (_, i) => `1.0.${String(i).padStart(4, '0')}`);
    const table = versions.slice(1).reduce(
      (before, version, i) => {
        const next = [addVersion(version), markLive(version), promoteVersion(version)];
        const changed = next.reduce((now, change) => change(now), before);
        return [drainVersion(versions[i]), retireVersion(versions[i])].reduce(
          (now, change) => change(now),
          changed,
        );
      },
      firstTable('production', versions[0]),
    );
    expect(tableProblems(table)).toEqual([]);
    expect(chooseVersion(table, { playerId: 'anna' })).toEqual({ version: '1.0.0999', because: 'stable' });
    expect(() => chooseVersion(table, { requested: '1.0.0500' })).toThrow(
      expect.objectContaining({ code: 'VERSION_GONE' }),
    );
    // The 500 that were retired last, and the one in force.
    expect(Object.keys(table.versions)).toHaveLength(501);
  });

  it('is the one that the client names, when it is live', () => {
    expect(chooseVersion(two, { requested: '1.0.0001' })).toEqual({
      version: '1.0.0001',
      because: 'requested',
    });
  });

  it.each([
    ['unknown', '9.9.9999'],
    ['deploying', '1.0.0002'],
    ['draining', '1.0.0000'],
  ])('is refused when the player names one that is %s, with the one to use', (_, requested) => {
    const table = after(two, addVersion('1.0.0002'), promoteVersion('1.0.0001'), drainVersion('1.0.0000'));
    expect(() => chooseVersion(table, { requested })).toThrow(
      expect.objectContaining({
        code: 'VERSION_GONE',
        details: expect.objectContaining({ use: '1.0.0001' }),
      }),
    );
  });

  it('stays for players who resume on a version that drains', () => {
    const table = after(two, promoteVersion('1.0.0001'), drainVersion('1.0.0000'));
    expect(chooseVersion(table, { requested: '1.0.0000', isResume: true }).version).toBe('1.0.0000');
  });

  it.each<[string, ClientFacts, ClientFacts]>([
    ['header', { headers: { version: 'beta' } }, { headers: { version: 'gamma' } }],
    ['query', { query: { v: 'beta' } }, {}],
    ['cookie', { cookies: { track: 'beta' } }, { cookies: {} }],
    ['list of players', { playerId: 'anna' }, { playerId: 'ben' }],
    ['region', { region: 'eu' }, { region: 'us' }],
    ['client build', { build: 150 }, { build: 201 }],
  ])('follows a rule by %s', (_, fitting, other) => {
    const rules = [
      { header: { name: 'Version', value: 'beta' } },
      { query: { name: 'v', value: 'beta' } },
      { cookie: { name: 'track', value: 'beta' } },
      { players: ['anna'] },
      { region: 'eu' },
      { build: { from: 100, to: 200 } },
    ];
    const table = after(two, setCanary('1.0.0001', { rules }));
    expect(chooseVersion(table, fitting)).toEqual({ version: '1.0.0001', because: 'rule' });
    expect(chooseVersion(table, other)).toEqual({ version: '1.0.0000', because: 'stable' });
  });

  it('follows a rule about the version that the client names, where that is none', () => {
    const rules = [
      { header: { name: 'Version', value: 'beta' } },
      { query: { name: 'version', value: 'beta' } },
    ];
    const table = after(two, setCanary('1.0.0001', { rules }));
    const named = { requested: 'beta', headers: { version: 'beta' } };
    expect(chooseVersion(table, named)).toEqual({ version: '1.0.0001', because: 'rule' });
    expect(chooseVersion(table, { requested: 'beta', query: { version: 'beta' } }).version).toBe('1.0.0001');
    expect(() => chooseVersion(table, { requested: 'gamma' })).toThrow(
      expect.objectContaining({ code: 'VERSION_GONE' }),
    );
  });

  it('costs the same, however many players the rules name', () => {
    const idsFrom = (first: number): string[] =>
      Array.from({ length: 10_000 }, (_, i) => `p${String(first + i).padStart(20, '0')}`);
    const rules = [{ players: idsFrom(0) }, { players: idsFrom(10_000) }];
    // As it is read from NATS.
    const table = parseTable(JSON.parse(JSON.stringify(setCanary('1.0.0001', { rules })(two))));
    const all = idsFrom(15_000);
    const calmMs = calmTime();
    const chosen = all.map((playerId) => chooseVersion(table, { playerId }).version);
    // A look through both lists for each would be 150 million.
    expect(calmMs()).toBeLessThan(200);
    expect(count(chosen, '1.0.0001')).toBe(5_000);
  });

  it('needs every condition of a rule', () => {
    const table = after(two, setCanary('1.0.0001', { rules: [{ region: 'eu', build: { from: 1, to: 9 } }] }));
    expect(chooseVersion(table, { region: 'eu', build: 5 }).version).toBe('1.0.0001');
    expect(chooseVersion(table, { region: 'eu', build: 10 }).version).toBe('1.0.0000');
    expect(chooseVersion(table, { region: 'eu' }).version).toBe('1.0.0000');
  });

  it('is that of the first canary with a fitting rule', () => {
    const table = after(
      three,
      setCanary('1.0.0002', { rules: [{ region: 'eu' }] }),
      setCanary('1.0.0001', { rules: [{ region: 'eu' }] }),
    );
    expect(chooseVersion(table, { region: 'eu' }).version).toBe('1.0.0002');
  });
});

describe('weights', () => {
  it.each([0.5, 1, 10, 33.33, 50, 99])('give %d percent of 10,000 players to a canary', (weight) => {
    const share = count(versionsOf(after(two, setCanary('1.0.0001', { weight }))), '1.0.0001');
    expect(Math.abs(share - weight * 100)).toBeLessThan(bound(weight));
  });

  it('of 0 and 100 percent are exact', () => {
    expect(count(versionsOf(after(two, setCanary('1.0.0001', { weight: 0 }))), '1.0.0001')).toBe(0);
    expect(count(versionsOf(after(two, setCanary('1.0.0001', { weight: 100 }))), '1.0.0001')).toBe(10_000);
  });

  it('move only the share that must move, beside another canary too', () => {
    const small = after(three, setCanary('1.0.0001', { weight: 10 }), setCanary('1.0.0002', { weight: 20 }));
    const large = after(small, setCanary('1.0.0001', { weight: 25 }));
    const [before, now] = [versionsOf(small), versionsOf(large)];
    expect(
      before.every((version, i) => version === now[i] || (version === '1.0.0000' && now[i] === '1.0.0001')),
    ).toBe(true);
    expect(Math.abs(moved(before, now) - 1500)).toBeLessThan(bound(15));
    expect(moved(now, versionsOf(after(large, setCanary('1.0.0001', { weight: 10 }))))).toBe(
      moved(before, now),
    );
  });

  it('never move anybody but between stable and the canary that changes, and always hold (property)', () => {
    const steps = fc.array(
      fc.record({ canary: fc.constantFrom('1.0.0001', '1.0.0002'), weight: fc.integer({ min: 0, max: 50 }) }),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    const sample = players.slice(0, 300);
    const chosen = (table: ReleaseTable): string[] =>
      sample.map((playerId) => chooseVersion(table, { playerId }).version);
    fc.assert(
      fc.property(steps, (changes) => {
        let table = after(three, setCanary('1.0.0001', { weight: 1 }), setCanary('1.0.0002', { weight: 1 }));
        let was = chosen(table);
        for (const { canary, weight } of changes) {
          // A salt that changes while no canary has a share moves nobody: all are on stable then.
          const next = after(table, setCanary(canary, { weight }));
          const is = chosen(next);
          const moves = new Set(was.flatMap((from, i) => (from === is[i] ? [] : [from, is[i]])));
          for (const version of ['1.0.0000', canary]) moves.delete(version);
          expect([...moves]).toEqual([]);
          expect(tableProblems(next)).toEqual([]);
          [table, was] = [next, is];
        }
      }),
      { numRuns: 30 },
    );
  });

  it('do not make the same players meet every canary', () => {
    const first = after(two, setCanary('1.0.0001', { weight: 10 }));
    const second = after(first, endCanary('1.0.0001'), setCanary('1.0.0001', { weight: 10 }));
    const [a, b] = [versionsOf(first), versionsOf(second)];
    const both = a.filter((version, i) => version === '1.0.0001' && b[i] === '1.0.0001').length;
    expect(both).toBeLessThan(200);
  });
});
