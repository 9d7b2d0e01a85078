import { answerMs, backoffMs } from './backoff.js';

describe('the wait before a try', () => {
  it('is anywhere between nothing and a limit that doubles', () => {
    expect(backoffMs(0, () => 0)).toBe(0);
    expect([0, 1, 2].map((failures) => backoffMs(failures, () => 1))).toEqual([200, 400, 800]);
  });

  it('never grows beyond ten seconds', () => {
    expect(backoffMs(1_000, () => 1)).toBe(10_000);
  });
});

describe('how long a connector may take to answer', () => {
  it('is eight times what the last one took for four tries, and all that a handshake may take otherwise', () => {
    expect([0, 1, 2, 3].map((failures) => answerMs(failures, 5))).toEqual([800, 800, 800, 800]);
    expect([0, 1].map((failures) => answerMs(failures, 150))).toEqual([1_200, 1_200]);
    expect([0, 1].map((failures) => answerMs(failures, 2_000))).toEqual([2_500, 2_500]);
    expect([4, 5].map((failures) => answerMs(failures, 5))).toEqual([10_000, 10_000]);
    expect([0, 1].map((failures) => answerMs(failures))).toEqual([2_500, 5_000]);
  });
});
