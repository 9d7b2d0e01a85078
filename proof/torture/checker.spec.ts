import { judgePushes, judgeRequests } from './checker.js';

const clean = { lost: 0, duplicated: 0, reordered: 0, gaps: 0, excused: 0 };

describe('the checker', () => {
  it('passes what came once and in order', () => {
    expect(judgePushes(4, [0, 1, 2, 3])).toEqual({ ...clean, received: 4 });
    expect(judgePushes(0, [])).toEqual({ ...clean, received: 0 });
  });

  it.each([
    ['in the middle', [0, 1, 3]],
    ['at the start', [1, 2, 3]],
    ['at the end', [0, 1, 2]],
  ])('finds a loss %s', (_, told) => {
    expect(judgePushes(4, told)).toMatchObject({ lost: 1, duplicated: 0, reordered: 0 });
  });

  it('finds a duplicate, also much later', () => {
    expect(judgePushes(3, [0, 1, 1, 2])).toMatchObject({ lost: 0, duplicated: 1, reordered: 0 });
    expect(judgePushes(3, [0, 1, 2, 0])).toMatchObject({ lost: 0, duplicated: 1, reordered: 0 });
  });

  it('finds a swap', () => {
    expect(judgePushes(4, [0, 2, 1, 3])).toMatchObject({ lost: 0, duplicated: 0, reordered: 1 });
  });

  it('finds a push that nobody sent', () => {
    expect(judgePushes(2, [0, 1, 7]).duplicated).toBe(1);
  });

  it('excuses what is missing where the player was told so, and nothing else', () => {
    expect(judgePushes(8, [0, 'gap', 3, 4, 6, 7])).toMatchObject({ gaps: 1, excused: 2, lost: 1 });
    expect(judgePushes(4, [0, 1, 'gap'])).toMatchObject({ gaps: 1, excused: 2, lost: 0 });
    expect(judgePushes(3, [0, 'gap', 0, 1, 2])).toMatchObject({ duplicated: 1 });
  });

  it('finds requests without an end, with two, and work that ran twice or not at all', () => {
    const end = (id: string) => ({ id, isError: false });
    expect(judgeRequests(['a', 'b'], [end('a'), { id: 'b', isError: true }], ['a', 'b'])).toEqual({
      asked: 2,
      answered: 1,
      failed: 1,
      silent: 0,
      answeredTwice: 0,
      ranTwice: 0,
      neverRan: 0,
    });
    expect(judgeRequests(['a', 'b'], [end('a')], ['a'])).toMatchObject({ silent: 1 });
    expect(judgeRequests(['a'], [end('a'), end('a')], ['a'])).toMatchObject({ answeredTwice: 1 });
    expect(judgeRequests(['a'], [end('a')], ['a', 'a'])).toMatchObject({ ranTwice: 1 });
    expect(judgeRequests(['a'], [end('a')], [])).toMatchObject({ neverRan: 1 });
  });
});
