/** How many of all are of the kind that is looked for. */
export interface Share {
  hits: number;
  all: number;
}

/**
 * Fisher's exact test, one-sided: the probability to see so many hits in the first share, or more, when both are alike.
 * It needs no smallest number: one hit of a hundred beside one of a hundred thousand is no proof.
 *
 * Source: R. A. Fisher, The Design of Experiments (1935), chapter II; A. Agresti, Categorical Data Analysis, section 3.5.
 */
export function fisherExact(first: Share, second: Share): number {
  const all = first.all + second.all;
  const hits = first.hits + second.hits;
  const ways = logChoose(all, first.all);
  const most = Math.min(hits, first.all);
  let p = 0;
  for (let here = first.hits; here <= most; here += 1) {
    const term = Math.exp(logChoose(hits, here) + logChoose(all - hits, first.all - here) - ways);
    p += term;
    // Beyond the expected number the terms fall, so that the rest adds nothing.
    if (term < p * 1e-12) break;
  }
  return Math.min(1, p);
}

/** The result of a rank-sum test. */
export interface RankSum {
  /** One-sided: the probability of a difference like this, or larger, when both are alike. */
  p: number;
  /** The chance that one of the first is larger than one of the second; ties count half. 0.5: they are alike. */
  superiority: number;
}

/**
 * The Mann-Whitney U test (Wilcoxon's rank sums), one-sided, on numbers that were counted in the same buckets: those of one
 * bucket are ties. By the normal approximation, with the corrections for ties and continuity.
 *
 * Source: H. B. Mann, D. R. Whitney, Annals of Mathematical Statistics 18 (1947); M. Hollander, D. A. Wolfe, E. Chicken,
 * Nonparametric Statistical Methods, section 4.1.
 */
export function mannWhitney(first: number[], second: number[]): RankSum {
  const [m, n] = [sum(first), sum(second)];
  const all = m + n;
  let [u, below, ties] = [0, 0, 0];
  for (const [bucket, count] of first.entries()) {
    const other = second[bucket] ?? 0;
    u += count * (below + other / 2);
    below += other;
    ties += (count + other) ** 3 - (count + other);
  }
  const deviation = Math.sqrt(((m * n) / 12) * (all + 1 - ties / (all * (all - 1))));
  const p = deviation > 0 ? normalTail((u - (m * n) / 2 - 0.5) / deviation) : 1;
  return { p, superiority: u / (m * n) };
}

/** Adds up; of none 0. */
export function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The probability above z. Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17; error < 7.5e-8. */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const coefficients = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153];
  const polynomial = coefficients.reduce((value, coefficient) => (value + coefficient) * t, 0);
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** Stirling's series beyond the small ones; the error is below 1e-12. Source: Abramowitz and Stegun, 6.1.41. */
function logFactorial(n: number): number {
  if (n < 20) {
    let product = 1;
    for (let factor = 2; factor <= n; factor += 1) product *= factor;
    return Math.log(product);
  }
  const x = n + 1;
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5);
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series;
}
