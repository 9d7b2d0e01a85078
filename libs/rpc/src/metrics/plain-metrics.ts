import { register, type Metric } from 'prom-client';
import { type DurationFigures, durationBuckets } from './duration-figures.js';

/** One line of a metric at a scrape. */
export interface Sample {
  labels: Record<string, string | number>;
  value: number;
  metricName?: string;
}

/** A metric whose figures are kept as plain numbers, by the things that have them. */
export interface PlainMetric<S> {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  labelNames: readonly string[];
  samples: (source: S) => Sample[];
}

/**
 * Declares metrics in prom-client's default registry that are read at the scrape. Its own `inc` and `observe` hash their labels
 * at each call, which costs more than the rest of the engine's bookkeeping.
 *
 * @returns the sources of the figures: whoever has some adds a list of its own, and takes it away in the end
 */
export function declarePlainMetrics<S>(metrics: readonly PlainMetric<S>[]): Set<() => Iterable<S>> {
  const sources = new Set<() => Iterable<S>>();
  for (const metric of metrics) {
    const { name, help, type, samples } = metric;
    const collect = (): Sample[] => [...sources].flatMap((list) => [...list()]).flatMap(samples);
    const get = () => Promise.resolve({ name, help, type, values: collect(), aggregator: 'sum' });
    register.registerMetric({ ...metric, get } as unknown as Metric);
  }
  return sources;
}

/** The lines of a histogram. @param name of the metric */
export function histogramSamples(
  name: string,
  { buckets, sum }: DurationFigures,
  labels: Record<string, string>,
): Sample[] {
  let count = 0;
  const cumulative = [...buckets].map((inBucket, index) => {
    count += inBucket;
    const le = durationBuckets[index] ?? '+Inf';
    return { labels: { ...labels, le }, value: count, metricName: `${name}_bucket` };
  });
  return [
    ...cumulative,
    { labels, value: sum, metricName: `${name}_sum` },
    { labels, value: count, metricName: `${name}_count` },
  ];
}
