import { type Conditions, judgePushes, judgeRequests, noVerdict, type Told } from './checker.js';

/** The push `number` is sent at 1,000 x `number` ms. */
const sent = (count: number): number[] => Array.from({ length: count }, (_, number) => number * 1_000);
/** Each came at once. */
const got = (...numbers: number[]): Told[] => numbers.map((number) => ({ number, at: number * 1_000 }));
const gap = (gapSince: number, at: number): Told => ({ gapSince, at });

describe('the checker', () => {
  it('passes what came once and in order', () => {
    expect(judgePushes(sent(4), got(0, 1, 2, 3))).toEqual({ ...noVerdict(), received: 4 });
    expect(judgePushes([], [])).toEqual(noVerdict());
  });

  it.each([
    ['in the middle', [0, 1, 3]],
    ['at the start', [1, 2, 3]],
    ['at the end', [0, 1, 2]],
  ])('finds a loss %s', (_, numbers) => {
    const verdict = judgePushes(sent(4), got(...numbers));
    expect(verdict).toEqual({ ...noVerdict(), received: 3, lost: 1 });
  });

  it('finds a duplicate, also much later', () => {
    expect(judgePushes(sent(3), got(0, 1, 1, 2))).toMatchObject({ lost: 0, duplicated: 1, reordered: 0 });
    expect(judgePushes(sent(3), got(0, 1, 2, 0))).toMatchObject({ lost: 0, duplicated: 1, reordered: 0 });
  });

  it('finds a swap', () => {
    expect(judgePushes(sent(4), got(0, 2, 1, 3))).toMatchObject({ lost: 0, duplicated: 0, reordered: 1 });
  });

  it('finds a push that nobody sent', () => {
    expect(judgePushes(sent(2), got(0, 1, 7)).duplicated).toBe(1);
  });

  it('tells what is late from what is lost', () => {
    const lateAfter = 100_000;
    const late = [...got(0, 1), { number: 2, at: 130_000 }];
    expect(judgePushes(sent(3), late, { lateAfter })).toMatchObject({ late: 1, lost: 0 });
    expect(judgePushes(sent(3), got(0, 1), { lateAfter })).toMatchObject({ late: 0, lost: 1 });
  });

  describe('excuses what is missing around a gap', () => {
    it.each<[string, Told, Conditions]>([
      ['of a player who was away longer than the log keeps', gap(1_000, 61_000), {}],
      ['while the log was destroyed', gap(1_000, 4_000), { logLostAt: [2_000] }],
    ])('%s', (_, told, conditions) => {
      const verdict = judgePushes(sent(8), [...got(0, 1), told, ...got(4, 5, 6, 7)], conditions);
      expect(verdict).toEqual({ ...noVerdict(), received: 6, gaps: 1, excused: 2 });
    });

    it('also at the end', () => {
      const verdict = judgePushes(sent(4), [...got(0, 1), gap(1_000, 70_000)]);
      expect(verdict).toMatchObject({ excused: 2, lost: 0 });
    });
  });

  describe('does not excuse', () => {
    it.each<[string, Told, Conditions]>([
      ['a server that never recovers', gap(1_000, 5_000), {}],
      ['a log that was destroyed before the player was away', gap(1_000, 5_000), { logLostAt: [500] }],
      ['a log that was destroyed after the player had come back', gap(1_000, 5_000), { logLostAt: [6_000] }],
    ])('%s', (_, told, conditions) => {
      const verdict = judgePushes(sent(6), [...got(0, 1), told, ...got(4, 5)], conditions);
      expect(verdict).toMatchObject({ gaps: 1, unfounded: 1, excused: 0, lost: 2 });
    });

    it('what was sent after the player was told of the gap', () => {
      const told = [...got(0), gap(0, 62_000), ...got(70)];
      expect(judgePushes(sent(71), told)).toMatchObject({ excused: 62, lost: 7 });
    });

    it('what is missing elsewhere, nor what comes twice', () => {
      const far = gap(0, 60_000);
      expect(judgePushes(sent(8), [...got(0), far, ...got(3, 4, 6, 7)])).toMatchObject({ excused: 2 });
      expect(judgePushes(sent(3), [...got(0), far, ...got(0, 1, 2)])).toMatchObject({ duplicated: 1 });
    });
  });

  it('finds requests without an end, with two, and work that ran twice or not at all', () => {
    const end = (id: string) => ({ id });
    expect(judgeRequests(['a', 'b'], [end('a'), { id: 'b', code: 'BUSY' }], ['a', 'b'])).toEqual({
      asked: 2,
      answered: 1,
      failed: 1,
      silent: 0,
      answeredTwice: 0,
      ranTwice: 0,
      neverRan: 0,
      swallowed: 0,
    });
    expect(judgeRequests(['a', 'b'], [end('a')], ['a'])).toMatchObject({ silent: 1 });
    expect(judgeRequests(['a'], [end('a'), end('a')], ['a'])).toMatchObject({ answeredTwice: 1 });
    expect(judgeRequests(['a'], [end('a')], ['a', 'a'])).toMatchObject({ ranTwice: 1 });
    expect(judgeRequests(['a'], [end('a')], [])).toMatchObject({ neverRan: 1 });
  });

  it('finds an answer that was swallowed: the client gave up, and the handler had run', () => {
    const gaveUp = { id: 'a', code: 'TIMEOUT', isTimeout: true };
    expect(judgeRequests(['a'], [gaveUp], ['a'])).toMatchObject({ swallowed: 1, failed: 1 });
    expect(judgeRequests(['a'], [gaveUp], [])).toMatchObject({ swallowed: 0 });
    // The servers said so themselves.
    expect(judgeRequests(['a'], [{ id: 'a', code: 'TIMEOUT' }], ['a'])).toMatchObject({ swallowed: 0 });
  });
});
