import { register, type Metric } from 'prom-client';
import type { Handler } from './handler.js';
import { durationBuckets, type HandlerStats } from './handler-stats.js';

interface Sample {
  labels: Record<string, string | number>;
  value: number;
  metricName?: string;
}

interface Shown {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  samples: (stats: HandlerStats) => Sample[];
}

const plain = (value: number): Sample[] => [{ labels: {}, value }];

const shown: Shown[] = [
  {
    name: 'rpc_handler_started_total',
    help: 'Calls that were begun',
    type: 'counter',
    samples: ({ started }) => plain(started),
  },
  {
    name: 'rpc_handler_ok_total',
    help: 'Calls that gave a result',
    type: 'counter',
    samples: ({ ok }) => plain(ok),
  },
  {
    name: 'rpc_handler_failed_total',
    help: 'Calls that were refused or failed, by the code that the caller got',
    type: 'counter',
    samples: ({ failed }) => [...failed].map(([code, value]) => ({ labels: { code }, value })),
  },
  {
    name: 'rpc_handler_late_total',
    help: 'Calls that were dropped unbegun, as their caller had given up',
    type: 'counter',
    samples: ({ late }) => plain(late),
  },
  {
    name: 'rpc_handler_in_flight',
    help: 'Calls that run now',
    type: 'gauge',
    samples: ({ inFlight }) => plain(inFlight),
  },
  {
    name: 'rpc_handler_queued',
    help: 'Calls that wait for a place',
    type: 'gauge',
    samples: ({ queued }) => plain(queued),
  },
  {
    name: 'rpc_handler_duration_seconds',
    help: 'How long calls ran',
    type: 'histogram',
    samples: histogram,
  },
];

function histogram({ buckets, durationSum }: HandlerStats): Sample[] {
  const metricName = 'rpc_handler_duration_seconds';
  let count = 0;
  const cumulative = [...buckets].map((inBucket, index) => {
    count += inBucket;
    return {
      labels: { le: durationBuckets[index] ?? '+Inf' },
      value: count,
      metricName: `${metricName}_bucket`,
    };
  });
  return [
    ...cumulative,
    { labels: {}, value: durationSum, metricName: `${metricName}_sum` },
    { labels: {}, value: count, metricName: `${metricName}_count` },
  ];
}

const sources = new Set<readonly Handler[]>();

/**
 * Shows the figures of these handlers in prom-client's default registry, until the returned function is called.
 * They are read at the scrape: prom-client's own counters hash their labels at each call.
 */
export function showMetrics(handlers: readonly Handler[]): () => void {
  sources.add(handlers);
  for (const metric of shown) {
    if (!register.getSingleMetric(metric.name)) {
      register.registerMetric({ ...metric, get: () => Promise.resolve(read(metric)) } as unknown as Metric);
    }
  }
  return () => sources.delete(handlers);
}

function read({ name, help, type, samples }: Shown): object {
  const values = [...sources].flat().flatMap((handler) =>
    samples(handler.stats).map((sample) => ({
      ...sample,
      labels: { handler: handler.name, scope: handler.scope, ...sample.labels },
    })),
  );
  return { name, help, type, values, aggregator: 'sum' };
}
