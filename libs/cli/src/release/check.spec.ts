import { firstTable, type ReleaseTable, type Rule, setCanary, setFallback } from '@ccgame/releases';
import { findRisks } from './check.js';
import type { ServerLabels } from './survey.js';

const types = ['http', 'connector', 'matching'];
const server = (serverType: string, version: string): ServerLabels => ({
  serverId: `${serverType}-dev-0`,
  serverType,
  version,
});
const all = (version: string): ServerLabels[] => types.map((type) => server(type, version));
const table = (): ReleaseTable => firstTable('dev', '1.0.0000', ['1.0.0001']);

describe('check', () => {
  it('is content with servers of each type for each version', () => {
    expect(findRisks(table(), [...all('1.0.0000'), ...all('1.0.0001')], types)).toEqual([]);
  });

  it('says which servers are missing, and knows those that stand in', () => {
    const servers = [...all('1.0.0000'), server('matching', '1.0.0001'), server('http', '1.0.0001')];
    expect(findRisks(table(), servers, types)).toEqual([
      '1.0.0001 is live, but no connector server of 1.0.0001 answers.',
    ]);
    expect(findRisks(setFallback('connector', '1.0.0001', '1.0.0000')(table()), servers, types)).toEqual([]);
  });

  it('says which servers the table does not know', () => {
    const servers = [...all('1.0.0000'), ...all('1.0.0001'), server('matching', '2.0.0000')];
    expect(findRisks(table(), servers, types)).toEqual([
      'Servers of 2.0.0000 run, but the table does not know it.',
    ]);
  });

  it('says which canary or rule fits nobody', () => {
    const rules = [{ region: 'eu' }];
    const changed = [
      setCanary('1.0.0001', { rules }),
      setCanary('1.0.0002', { rules }),
      setCanary('1.0.0003', { weight: 0 }),
    ].reduce(
      (now, change) => change(now),
      firstTable('dev', '1.0.0000', ['1.0.0001', '1.0.0002', '1.0.0003']),
    );
    expect(findRisks(changed, Object.keys(changed.versions).flatMap(all), types)).toEqual([
      'Nobody gets 1.0.0002 by its rule {"region":"eu"}: 1.0.0001 has one that fits them all, and comes first.',
      'The canary 1.0.0003 has neither a weight nor a rule: nobody gets it.',
    ]);
  });

  it.each<[string, Rule, Rule]>([
    ['the same players', { players: ['anna', 'ben'] }, { players: ['ben'] }],
    ['a part of the builds', { build: { from: 1, to: 9 } }, { build: { from: 2, to: 3 }, region: 'eu' }],
    [
      'the same header',
      { header: { name: 'X-Track', value: 'a' } },
      { header: { name: 'x-track', value: 'a' } },
    ],
  ])('says that a rule never decides: %s', (_, first, second) => {
    const names = ['1.0.0000', '1.0.0001', '1.0.0002'];
    const both = (one: Rule, other: Rule) =>
      findRisks(
        setCanary('1.0.0002', { rules: [other] })(
          setCanary('1.0.0001', { rules: [one] })(firstTable('dev', '1.0.0000', names.slice(1))),
        ),
        names.flatMap(all),
        types,
      );
    expect(both(first, second)).toEqual([expect.stringMatching(/^Nobody gets 1\.0\.0002 by its rule/)]);
    expect(both({ region: 'eu' }, { region: 'us' })).toEqual([]);
    expect(both({ players: ['anna'] }, { players: ['anna', 'ben'] })).toEqual([]);
  });

  it('says that who names a live version gets that, whatever a rule says', () => {
    const rules = [{ header: { name: 'Version', value: '1.0.0000' } }];
    const servers = [...all('1.0.0000'), ...all('1.0.0001')];
    expect(findRisks(setCanary('1.0.0001', { rules })(table()), servers, types)).toEqual([
      expect.stringContaining('who names 1.0.0000 gets it, as it is live'),
    ]);
  });
});
