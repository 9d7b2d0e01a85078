import { nothingWrong } from './checker.js';
import { exitCodeOf, isGood, type Judged, lineOf } from './chaos-run.js';

const good: Judged = {
  fault: 'connector SIGKILL',
  destroys: [],
  errors: [],
  recoveredMs: 812,
  lost: 0,
  doubled: 0,
  reordered: 0,
  excused: 0,
};

describe('a round of the chaos run', () => {
  it.each<[string, Partial<Judged>, string]>([
    ['lost nothing', {}, 'no errors → back after 812 ms → lost 0, doubled 0, reordered 0'],
    [
      'had everybody back in the last moment',
      { recoveredMs: 10_000 },
      'no errors → back after 10000 ms → lost 0, doubled 0, reordered 0',
    ],
    [
      'lost what its storage had, and told players',
      { destroys: ['pushes'], excused: 4, errors: [['not recovered', 8]] },
      'not recovered 8 → back after 812 ms → lost 0, doubled 0, reordered 0 (4 went with their storage)',
    ],
  ])('is good where it %s', (_, more, line) => {
    const round = { ...good, ...more };
    expect(isGood(round)).toBe(true);
    expect(lineOf(round)).toBe(`✓ connector SIGKILL → ${line}`);
    expect(exitCodeOf([good, round])).toBe(0);
  });

  it.each<[string, Partial<Judged>, string]>([
    ['lost a push', { lost: 1 }, 'no errors → back after 812 ms → lost 1, doubled 0, reordered 0'],
    ['doubled a push', { doubled: 1 }, 'no errors → back after 812 ms → lost 0, doubled 1, reordered 0'],
    [
      'counted a result twice',
      {
        doubled: 1,
        parts: { pushes: nothingWrong, inputs: nothingWrong, results: { ...nothingWrong, doubled: 1 } },
      },
      'no errors → back after 812 ms → lost 0, doubled 1, reordered 0 among results',
    ],
    ['reordered two', { reordered: 1 }, 'no errors → back after 812 ms → lost 0, doubled 0, reordered 1'],
    [
      'had somebody back too late',
      { recoveredMs: 10_001 },
      'no errors → back after 10001 ms → lost 0, doubled 0, reordered 0',
    ],
    [
      'never had somebody back',
      {
        recoveredMs: undefined,
        errors: [
          ['connect failed', 2],
          ['request unanswered', 1],
        ],
      },
      'connect failed 2, request unanswered 1 → not back → lost 0, doubled 0, reordered 0',
    ],
  ])('fails the whole run where it %s', (_, more, line) => {
    const round = { ...good, ...more };
    expect(isGood(round)).toBe(false);
    expect(lineOf(round)).toBe(`✗ connector SIGKILL → ${line}`);
    for (const rounds of [[round], [good, round], [round, good]]) expect(exitCodeOf(rounds)).toBe(1);
  });

  it('is needed: a run of none fails', () => {
    expect(exitCodeOf([])).toBe(1);
  });
});
