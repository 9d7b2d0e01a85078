import { firstTable, type ReleaseTable, setCanary, setFallback } from '#releases';
import { findRisks } from './check.js';
import type { ServerStats } from './survey.js';

const types = ['http', 'connector', 'matching'];
const server = (serverType: string, version: string): ServerStats => ({
  serverId: `${serverType}-dev-0`,
  serverType,
  version,
  requests: 0,
  errors: 0,
  processingMs: 0,
});
const all = (version: string): ServerStats[] => types.map((type) => server(type, version));
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
      'Nobody gets 1.0.0002 by its rule {"region":"eu"}: 1.0.0001 has the same and comes first.',
      'The canary 1.0.0003 has neither a weight nor a rule: nobody gets it.',
    ]);
  });
});
