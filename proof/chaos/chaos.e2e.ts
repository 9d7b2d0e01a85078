import { isGood, lineOf, runChaos } from './chaos-run.js';
import { faultNamed } from './faults.js';

const shortForm = [
  ['connector SIGKILL', 'half-open connections'],
  ['KV_sessions deleted', 'matching SIGKILL', 'arena SIGKILL'],
];

describe('the short form of npm run chaos', () => {
  it('loses, doubles and reorders nothing, and everybody is back within 10 s', async () => {
    const rounds = await runChaos(
      shortForm.map((names) => names.map(faultNamed)),
      4,
      () => undefined,
    );
    expect(rounds.filter((round) => !isGood(round)).map(lineOf)).toEqual([]);
    expect(rounds).toHaveLength(2);
  });
});
