import { compareVersions } from '@ccgame/config';
import {
  addVersion,
  drainVersion,
  endCanary,
  firstTable,
  markLive,
  promoteVersion,
  retireVersion,
  setCanary,
  setFallback,
  type TableChange,
} from './table-changes.js';
import type { ReleaseTable, Rule } from './table.js';
import { parseTable, tableProblems } from './table-problems.js';

const table = parseTable(markLive('1.0.0001')(addVersion('1.0.0001')(firstTable('production', '1.0.0000'))));

const withRule = (rule: Rule): TableChange => setCanary('1.0.0001', { rules: [rule] });

describe('a release table', () => {
  it.each<[string, unknown, RegExp]>([
    ['is no object', 'table', /table/],
    ['has an unknown field', { ...table, extra: 1 }, /Unrecognized key/],
    [
      'has a stable version that is unknown',
      { ...table, stable: '9.9.9999' },
      /stable: 9\.9\.9999 is not live/,
    ],
    [
      'has a version that is none',
      { ...table, versions: { ...table.versions, '1.0': { state: 'live' } } },
      /version/,
    ],
    ['has an unknown state', { ...table, versions: { '1.0.0000': { state: 'paused' } } }, /state/],
    [
      'has two versions of one name',
      {
        ...table,
        versions: { ...table.versions, '11.0.0000': { state: 'live' }, '1.10.0000': { state: 'live' } },
      },
      /same resource name/,
    ],
    [
      'has a canary that is not live',
      { ...table, canaries: [{ version: '1.0.0002' }] },
      /canary 1\.0\.0002: it is not live/,
    ],
    [
      'has the stable version as canary',
      { ...table, canaries: [{ version: '1.0.0000' }] },
      /it is the stable version/,
    ],
    ['has a weight over 100', { ...table, canaries: [{ version: '1.0.0001', weight: 101 }] }, /weight/],
    [
      'has a weight without its slots',
      { ...table, canaries: [{ version: '1.0.0001', weight: 10 }] },
      /slots are not 10 %/,
    ],
    [
      'has a rule that fits everybody',
      { ...table, canaries: [{ version: '1.0.0001', rules: [{}] }] },
      /at least one condition/,
    ],
    [
      'has a rule that fits nobody',
      { ...table, canaries: [{ version: '1.0.0001', rules: [{ build: { from: 2, to: 1 } }] }] },
      /fits nobody/,
    ],
    [
      'has a fallback to a version that is unknown',
      { ...table, fallbacks: { matching: { '1.0.0000': '9.9.9999' } } },
      /is not live/,
    ],
    [
      'has fallbacks in a circle',
      { ...table, fallbacks: { matching: { '1.0.0000': '1.0.0001', '1.0.0001': '1.0.0000' } } },
      /has a fallback itself/,
    ],
  ])('that %s is refused as a whole, and it is said why', (_, candidate, expected) => {
    expect(tableProblems(candidate).join('\n')).toMatch(expected);
  });

  it.each([
    [
      'a weight of 101 percent',
      setCanary('1.0.0001', { weight: 101 }),
      /0 to 100 percent, in steps of 0\.01, not 101/,
    ],
    ['a weight that is no number', setCanary('1.0.0001', { weight: Number.NaN }), /0 to 100 percent/],
    ['a weight that is nobody', setCanary('1.0.0001', { weight: 0.004 }), /in steps of 0\.01, not 0\.004/],
    [
      'a canary that nobody knows',
      setCanary('1.0.0009', { weight: 1 }),
      /unknown; the versions are 1\.0\.0000, 1\.0\.0001/,
    ],
    ['stable as a canary', setCanary('1.0.0000', { weight: 1 }), /stable version/],
    [
      'a rule by a header that is none',
      withRule({ header: { name: '轨道', value: 'x' } }),
      /No header is named "轨道"/,
    ],
    ['a rule by a header of two lines', withRule({ header: { name: 'a\nb', value: 'x' } }), /"a\\nb"/],
    ['a rule by a header with a blank', withRule({ header: { name: 'track ', value: 'x' } }), /"track "/],
    [
      'a rule by a value that no header has',
      withRule({ header: { name: 'x', value: '测试' } }),
      /value "测试"/,
    ],
    [
      'a rule by a cookie that is two',
      withRule({ cookie: { name: 'a', value: 'b;c' } }),
      /No cookie is "a=b;c"/,
    ],
    ['a rule by a player who is none', withRule({ players: ['anna', 'auth0|5f7c'] }), /the id "auth0\|5f7c"/],
    ['the promotion of what is stable', promoteVersion('1.0.0000'), /stable version already/],
    ['the end of a canary that is none', endCanary('1.0.0001'), /no canary/],
    ['draining the stable version', drainVersion('1.0.0000'), /promote another one first/],
    ['retiring what does not drain', retireVersion('1.0.0001'), /not draining/],
    [
      'draining what another version relies on',
      (now: ReturnType<typeof firstTable>) =>
        drainVersion('1.0.0000')(
          promoteVersion('1.0.0001')(setFallback('connector', '1.0.0001', '1.0.0000')(now)),
        ),
      /1\.0\.0001 has no connector servers and is served by those of 1\.0\.0000: deploy them first/,
    ],
    ['adding what is there', addVersion('1.0.0001'), /live already/],
    [
      'adding what drains',
      (now: ReleaseTable) => addVersion('1.0.0001')(drainVersion('1.0.0001')(now)),
      /1\.0\.0001 is draining; it can be deployed again when it is retired/,
    ],
    [
      'players for what somebody retires meanwhile',
      (now: ReleaseTable) => markLive('1.0.0001')(drainVersion('1.0.0001')(now)),
      /1\.0\.0001 is draining by now/,
    ],
  ])('refuses %s in a sentence', (_, change, sentence) => {
    expect(() => change(table)).toThrow(sentence);
  });

  it('takes a rule by whatever a client can send', () => {
    const rules: Rule[] = [
      { header: { name: 'x_track.2', value: '' } },
      { header: { name: 'X-Track', value: 'größe "a"; b=c' } },
      { cookie: { name: 'a[b]', value: 'dGVzdA==' } },
      { cookie: { name: 'track', value: '' } },
      { query: { name: '轨道', value: '测试' } },
      { players: ['auth0_7C5f7c', '7'] },
    ];
    expect(tableProblems(setCanary('1.0.0001', { rules })(table))).toEqual([]);
  });

  // As floating-point numbers these three are a little more than 100.
  it('takes canaries that have all players together', () => {
    const canaries = { '1.0.0001': 0.01, '1.0.0002': 65.4, '1.0.0003': 34.59 };
    let now: ReleaseTable = firstTable('production', '1.0.0000', Object.keys(canaries));
    for (const [version, weight] of Object.entries(canaries)) now = setCanary(version, { weight })(now);
    expect(tableProblems(now)).toEqual([]);
    expect(() => setCanary('1.0.0001', { weight: 0.02 })(now)).toThrow(/leave less than 0\.02 %/);
  });

  it('keeps a deployment that broke off in the group in which it was begun', () => {
    const begun = addVersion('1.0.0002', 'beta')(table);
    const groupAfter = (group?: string): string | undefined =>
      addVersion('1.0.0002', group)(begun).versions['1.0.0002']?.group;
    expect(groupAfter()).toBe('beta');
    expect(groupAfter('gamma')).toBe('gamma');
  });

  it('goes through a whole release and stays sound at each step', () => {
    const steps = [
      addVersion('1.0.0002'),
      markLive('1.0.0002'),
      setFallback('connector', '1.0.0002', '1.0.0001'),
      setCanary('1.0.0002', { weight: 10 }),
      setCanary('1.0.0002', { weight: 100 }),
      promoteVersion('1.0.0002'),
      promoteVersion('1.0.0000'),
      promoteVersion('1.0.0002'),
      drainVersion('1.0.0000'),
      retireVersion('1.0.0000'),
    ];
    let now = table;
    for (const step of steps) {
      now = step(now);
      expect(tableProblems(now)).toEqual([]);
    }
    expect(now.stable).toBe('1.0.0002');
    expect(now.versions['1.0.0000']?.state).toBe('retired');
  });

  it('forgets the versions that were retired first, and stays small, however many came', () => {
    const label = (number: number): string => `1.0.${String(number).padStart(4, '0')}`;
    let now = promoteVersion(label(1))(firstTable('dev', label(0), [label(1)]));
    const take = (version: string, ...steps: ((version: string) => TableChange)[]): void => {
      for (const step of steps) now = step(version)(now);
    };
    const release = (number: number): void => {
      take(label(number), addVersion, markLive, promoteVersion);
      take(label(number - 1), drainVersion, retireVersion);
    };
    for (let number = 2; number <= 600; number += 1) release(number);
    expect(tableProblems(now)).toEqual([]);
    const known = (): string[] => Object.keys(now.versions).sort(compareVersions);
    const newest = Array.from({ length: 501 }, (_, index) => label(100 + index));
    expect(known()).toEqual([label(0), ...newest]);
    // Entities of the first one, which never went, find their way to stable past those that are forgotten.
    expect(now.versions[label(0)]).toEqual({ state: 'live', movesTo: label(100) });
    // One that is deployed once more was retired last.
    take(label(100), addVersion, markLive);
    release(601);
    take(label(100), drainVersion, retireVersion);
    expect(known().slice(0, 3)).toEqual([label(0), label(100), label(102)]);
  });

  it('says at each step which version goes on with the entities of another', () => {
    const heirs = (now: ReleaseTable): unknown => {
      const entries = Object.entries(now.versions).map(([version, { movesTo }]) => [version, movesTo]);
      return Object.fromEntries(entries.filter(([, movesTo]) => movesTo !== undefined));
    };
    const [first, second, third] = ['1.0.0000', '1.0.0001', '1.0.0002'];
    let now = firstTable('dev', first, [second, third]);
    const after = (change: TableChange): unknown => {
      now = change(now);
      expect(tableProblems(now)).toEqual([]);
      return heirs(now);
    };
    expect(after(setCanary(second, { weight: 10 }))).toEqual({});
    expect(after(endCanary(second))).toEqual({ [second]: first });
    expect(after(setCanary(second, { weight: 100 }))).toEqual({});
    expect(after(promoteVersion(second))).toEqual({ [first]: second });
    expect(after(promoteVersion(third))).toEqual({ [first]: second, [second]: third });
    expect(after(promoteVersion(second))).toEqual({ [first]: second, [third]: second });
    expect(after(promoteVersion(first))).toEqual({ [third]: second, [second]: first });
    expect(after(drainVersion(third))).toEqual({ [third]: first, [second]: first });
    expect(after(addVersion('2.0.0000', 'other'))).toEqual({ [third]: first, [second]: first });
    after(markLive('2.0.0000'));
    expect(after(drainVersion('2.0.0000'))).toEqual({ [third]: first, [second]: first });
  });
});
