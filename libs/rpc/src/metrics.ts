import type { CallStats } from './call/call-figures.js';
import {
  declarePlainMetrics,
  histogramSamples,
  type PlainMetric,
  type Sample,
} from './metrics/plain-metrics.js';
import type { Handler } from './serve/handler.js';
import type { HandlerStats } from './serve/handler-stats.js';

/** Metrics of the handlers of this process. */
export const servedHandlers = declarePlainMetrics<Handler>([
  ofHandlers(
    'counter',
    'ccgame_rpc_handler_started_total',
    'Calls that were begun',
    ({ started }) => started,
  ),
  ofHandlers('counter', 'ccgame_rpc_handler_ok_total', 'Calls that gave a result', ({ ok }) => ok),
  {
    ...handlerMetric(
      'counter',
      'ccgame_rpc_handler_failed_total',
      'Calls that were refused or failed, by the code that the caller got',
    ),
    labelNames: ['handler', 'scope', 'code'],
    samples: (handler) =>
      [...handler.stats.failed].map(([code, value]) => ({ labels: { ...labelsOf(handler), code }, value })),
  },
  ofHandlers(
    'counter',
    'ccgame_rpc_handler_late_total',
    'Calls that were dropped unbegun, as their caller had given up',
    ({ late }) => late,
  ),
  ofHandlers('gauge', 'ccgame_rpc_handler_in_flight', 'Calls that run now', ({ inFlight }) => inFlight),
  ofHandlers('gauge', 'ccgame_rpc_handler_queued', 'Calls that wait for a place', ({ queued }) => queued),
  {
    ...handlerMetric('histogram', 'ccgame_rpc_handler_seconds', 'How long calls ran'),
    samples: (handler) =>
      histogramSamples('ccgame_rpc_handler_seconds', handler.stats.durations, labelsOf(handler)),
  },
]);

/** Metrics of the calls that this process makes. */
export const madeCalls = declarePlainMetrics<CallStats>([
  {
    name: 'ccgame_rpc_calls_total',
    help: 'Calls to other servers by result: ok, or the error code. A handler that no server ever answered for is `other`',
    type: 'counter',
    labelNames: ['to', 'handler', 'result'],
    samples: ({ labels, results }) =>
      [...results].map(([result, value]) => ({ labels: { ...labels, result }, value })),
  },
  {
    name: 'ccgame_rpc_call_seconds',
    help: 'From a call to its answer or failure',
    type: 'histogram',
    labelNames: ['to', 'handler'],
    samples: ({ labels, durations }) => histogramSamples('ccgame_rpc_call_seconds', durations, labels),
  },
]);

function labelsOf({ name, scope }: Handler): Record<string, string> {
  return { handler: name, scope };
}

function handlerMetric(
  type: PlainMetric<Handler>['type'],
  name: string,
  help: string,
): Omit<PlainMetric<Handler>, 'samples'> {
  return { name, help, type, labelNames: ['handler', 'scope'] };
}

function ofHandlers(
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  value: (stats: HandlerStats) => number,
): PlainMetric<Handler> {
  const samples = (handler: Handler): Sample[] => [
    { labels: labelsOf(handler), value: value(handler.stats) },
  ];
  return { ...handlerMetric(type, name, help), samples };
}
