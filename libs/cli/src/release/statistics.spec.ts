import { fisherExact, mannWhitney } from './statistics.js';

describe("Fisher's exact test", () => {
  it('says of the lady who tasted tea what Fisher says', () => {
    expect(fisherExact({ hits: 3, all: 4 }, { hits: 1, all: 4 })).toBeCloseTo(17 / 70, 12);
    expect(fisherExact({ hits: 4, all: 4 }, { hits: 0, all: 4 })).toBeCloseTo(1 / 70, 12);
  });

  it('is exact for many, too: 1 of 100 beside 1 of 100,000', () => {
    const [n, all] = [100, 100_100];
    const none = ((all - n) * (all - n - 1)) / (all * (all - 1));
    expect(fisherExact({ hits: 1, all: n }, { hits: 1, all: 100_000 })).toBeCloseTo(1 - none, 9);
  });

  it('finds nothing where nothing failed', () => {
    expect(fisherExact({ hits: 0, all: 500 }, { hits: 0, all: 9_000 })).toBe(1);
  });
});

/** Each number in the bucket of its rank. */
function ranked(first: number[], second: number[]): [number[], number[]] {
  const values = [...new Set([...first, ...second])].sort((a, b) => a - b);
  const count = (numbers: number[]) => values.map((value) => numbers.filter((one) => one === value).length);
  return [count(first), count(second)];
}

describe('the Mann-Whitney U test', () => {
  it('gives the U of the example of Hollander and Wolfe (permeability of membranes), and nearly its exact p of 0.127', () => {
    const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const early = [1.15, 0.88, 0.9, 0.74, 1.21];
    const { p, superiority } = mannWhitney(...ranked(term, early));
    expect(superiority).toBeCloseTo(35 / 50, 12);
    expect(p).toBeCloseTo(0.1223, 3);
  });

  it('counts ties half', () => {
    const { p, superiority } = mannWhitney([10, 0], [10, 0]);
    expect(superiority).toBe(0.5);
    expect(p).toBe(1);
  });
});
