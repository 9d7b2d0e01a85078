import { judgeCanary, sampleOf } from './guard.js';
import type { ServerStats } from './survey.js';

const sample = (requests: number, errors: number, msEach = 2) => ({
  requests,
  errors,
  processingMs: requests * msEach,
});

/** The same numbers in each run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe('the guard', () => {
  it('lets a canary pass that is as good as stable', () => {
    expect(judgeCanary(sample(10_000, 100), sample(1_000, 10))).toEqual({ ok: true });
    expect(judgeCanary(sample(10_000, 0), sample(1_000, 0))).toEqual({ ok: true });
  });

  it('says why it rolls back one that fails more', () => {
    expect(judgeCanary(sample(10_000, 100), sample(1_000, 50))).toEqual({
      ok: false,
      reason: expect.stringMatching(/^5\.00 % of its requests fail, 1\.00 % of stable's \(z = \d/),
    });
  });

  it('and one that takes more than twice as long', () => {
    expect(judgeCanary(sample(10_000, 0, 2), sample(1_000, 0, 5))).toEqual({
      ok: false,
      reason: 'a request takes it 5.0 ms on average, stable 2.0 ms',
    });
  });

  it('waits for enough requests', () => {
    expect(judgeCanary(sample(10_000, 0), sample(99, 99))).toEqual({ ok: true });
  });

  it('accuses a good canary in at most 1 look of 200, of 5,000', () => {
    const next = random(7);
    const errors = (count: number): number =>
      Array.from({ length: count }).filter(() => next() < 0.02).length;
    let accused = 0;
    for (let look = 0; look < 5_000; look += 1) {
      if (!judgeCanary(sample(2_000, errors(2_000)), sample(300, errors(300))).ok) accused += 1;
    }
    expect(accused / 5_000).toBeLessThan(0.005);
  });

  it('finds a canary that fails 6 % where stable fails 2 %, in 9 looks of 10', () => {
    const next = random(11);
    const errors = (count: number, share: number): number =>
      Array.from({ length: count }).filter(() => next() < share).length;
    let found = 0;
    for (let look = 0; look < 500; look += 1) {
      if (!judgeCanary(sample(4_000, errors(4_000, 0.02)), sample(500, errors(500, 0.06))).ok) found += 1;
    }
    expect(found / 500).toBeGreaterThan(0.9);
  });

  it('counts a server that was started again from zero', () => {
    const server = (requests: number, errors: number): ServerStats => ({
      serverId: 'matching-dev-v100001-0',
      serverType: 'matching',
      version: '1.0.0001',
      requests,
      errors,
      processingMs: requests,
    });
    expect(sampleOf('1.0.0001', [server(100, 1)], [server(150, 3)])).toMatchObject({
      requests: 50,
      errors: 2,
    });
    expect(sampleOf('1.0.0001', [server(100, 1)], [server(30, 2)])).toMatchObject({
      requests: 30,
      errors: 2,
    });
  });
});
