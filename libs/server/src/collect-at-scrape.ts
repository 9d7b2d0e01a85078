import type { Gauge } from 'prom-client';

/** Has a gauge set by `collect` at each scrape; one that throws is left out. prom-client's types know this at its creation only. */
export function collectAtScrape<L extends string>(gauge: Gauge<L>, collect: (gauge: Gauge<L>) => void): void {
  Object.assign(gauge, { collect: () => collect(gauge) });
}
