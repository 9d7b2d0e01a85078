import { isGood, lineOf, runChaos } from './chaos-run.js';
import { type Fault, faults } from './faults.js';

const shortForm = [
  ['connector SIGKILL', 'half-open connections'],
  ['KV_sessions deleted', 'matching SIGKILL'],
];

function faultNamed(name: string): Fault {
  const found = faults.find((fault) => fault.name === name);
  if (!found) throw new Error(`There is no fault ${name}`);
  return found;
}

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
