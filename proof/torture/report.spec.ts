import { judgeRequests, noVerdict } from './checker.js';
import { faultsOf, type Report } from './report.js';

const good: Report = {
  players: 2,
  plain: 1,
  seconds: 10,
  chaos: new Map([['clients cut', 1]]),
  pushes: { ...noVerdict(), received: 8, sent: 8 },
  requests: judgeRequests(['a-0'], [{ id: 'a-0' }], ['a-0']),
  notAcknowledged: 0,
  notOnline: 0,
  notAnswered: 0,
  moves: 0,
  resumes: [],
  silencesMs: [],
  errors: new Map(),
};
const faultsIn = (report: Report): string[] =>
  faultsOf(report).flatMap(([name, count]) => (count === 0 ? [] : [name]));

describe('the report of the torture', () => {
  it('has no fault where everybody was served', () => {
    expect(faultsIn(good)).toEqual([]);
  });

  it.each<[string, Partial<Report>]>([
    ['runs without a push that came', { pushes: { ...noVerdict(), sent: 0 } }],
    [
      'runs without an answered request',
      { requests: judgeRequests(['a-0'], [{ id: 'a-0', code: 'BUSY' }], []) },
    ],
    ['runs without a deed', { chaos: new Map() }],
    ['players not answered at the end', { notAnswered: 1 }],
    ['players not online at the end', { notOnline: 1 }],
  ])('has %s as a fault', (name, more) => {
    expect(faultsIn({ ...good, ...more })).toEqual([name]);
  });
});
