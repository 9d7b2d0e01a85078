import { backoffMs } from './backoff.js';

describe('the wait before a try', () => {
  it('is anywhere between nothing and a limit that doubles', () => {
    expect(backoffMs(0, () => 0)).toBe(0);
    expect([0, 1, 2].map((failures) => backoffMs(failures, () => 1))).toEqual([200, 400, 800]);
  });

  it('never grows beyond ten seconds', () => {
    expect(backoffMs(1_000, () => 1)).toBe(10_000);
  });
});
