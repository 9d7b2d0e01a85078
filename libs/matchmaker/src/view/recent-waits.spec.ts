import { RecentWaits } from './recent-waits.js';

describe('the estimate of a wait', () => {
  const waits = new RecentWaits();
  for (let second = 1; second <= 10; second += 1) waits.addWait('eu', 1_000, second * 1_000);

  it('is what half of those who waited as long still had to wait', () => {
    expect(waits.estimateWait('eu', 0, 2_000)).toBe(6_000);
    expect(waits.estimateWait('eu', 4_500, 2_000)).toBe(3_500);
  });

  it('is not given where too few are known, where they are old, or for another partition', () => {
    expect(waits.estimateWait('eu', 7_000, 2_000)).toBeUndefined();
    expect(waits.estimateWait('eu', 0, 20 * 60_000)).toBeUndefined();
    expect(waits.estimateWait('us', 0, 2_000)).toBeUndefined();
  });

  it('remembers the newest 200 alone', () => {
    for (let i = 0; i < 200; i += 1) waits.addWait('asia', 1_000, i < 100 ? 50_000 : 1_000);
    for (let i = 0; i < 100; i += 1) waits.addWait('asia', 1_000, 1_000);
    expect(waits.estimateWait('asia', 0, 2_000)).toBe(1_000);
  });
});
