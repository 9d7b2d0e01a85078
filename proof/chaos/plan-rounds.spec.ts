import { faults } from './faults.js';
import { planRounds } from './plan-rounds.js';

const plan = (more: object): string[][] => {
  const rounds = planRounds({ minutes: 0, onlyPairs: false, seed: 1, ...more });
  return [...rounds].map((round) => round.map(({ name }) => name));
};

describe('the rounds of npm run chaos', () => {
  it('are each fault alone, those that --only begins, or one pair', () => {
    expect(plan({})).toHaveLength(faults.length);
    expect(plan({ only: 'PUSH' })).toEqual([['PUSH deleted']]);
    expect(plan({ only: 'matching SIGKILL + PUSH deleted' })).toEqual([['matching SIGKILL', 'PUSH deleted']]);
  });

  it.each([
    ['an unknown fault', { only: 'matching SIGKIL l' }],
    ['a pair with one', { only: 'matching SIGKILL + PUSH' }],
    ['pairs in no time', { onlyPairs: true }],
  ])('are refused for %s: a run of nothing would pass', (_, more) => {
    expect(() => planRounds({ minutes: 0, onlyPairs: false, seed: 1, ...more })).toThrow(
      /There is no|plays nothing/,
    );
  });
});
