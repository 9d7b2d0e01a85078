import { Outage } from './outage.js';

describe('the time for which a robot of the proof has no answer', () => {
  const ago = (ms: number): number => performance.now() - ms;

  it('is that of one request that waits long, and then succeeds', () => {
    const outage = new Outage();
    outage.note(true, ago(9_000));
    outage.note(true, ago(10));
    expect(outage.longestMs).toBeGreaterThanOrEqual(9_000);
    expect(outage.longestMs).toBeLessThan(10_000);
  });

  it('goes on from the first failed one until one succeeds, and begins anew then', () => {
    const outage = new Outage();
    outage.note(false, ago(5_000));
    outage.note(false, ago(1_000));
    expect(outage.longestMs).toBeLessThan(6_000);
    outage.note(true, ago(500));
    outage.note(true, ago(100));
    expect(outage.longestMs).toBeGreaterThanOrEqual(5_000);
    expect(outage.longestMs).toBeLessThan(6_000);
  });
});
