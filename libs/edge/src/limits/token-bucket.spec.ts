import { TokenBucket } from './token-bucket.js';

describe('a token bucket', () => {
  it.each([
    ['one in two seconds', 0.5, 0.5],
    ['one in a thousand', 0.001, 0.001],
    ['ten a second', 10, 1],
  ])('allows %s, as it says', (_, perSecond, burst) => {
    const bucket = new TokenBucket(perSecond, burst, 0);
    expect(bucket.spend(0)).toBe(0);
    expect(bucket.spend(0)).toBe(1_000 / perSecond);
    expect(bucket.spend(1_000 / perSecond + 1)).toBe(0);
  });
});
