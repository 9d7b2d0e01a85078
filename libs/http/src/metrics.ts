import { Counter, Gauge, Histogram } from 'prom-client';

/**
 * Metrics of the HTTP door. A route is its method and pattern, as `POST /v1/login`; a request that fits none has
 * the route `other`.
 */
export const metrics = {
  requests: new Counter({
    name: 'ccgame_http_requests_total',
    help: 'Requests that were answered, by route and status',
    labelNames: ['route', 'status'],
  }),
  requestSeconds: new Histogram({
    name: 'ccgame_http_request_seconds',
    help: 'From a request to the end of its answer',
    labelNames: ['route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  }),
  inFlight: new Gauge({ name: 'ccgame_http_requests_in_flight', help: 'Requests that are being answered' }),
  forwarded: new Counter({
    name: 'ccgame_http_forwarded_total',
    help: 'Requests that another version answered; that server counts them too',
  }),
  problems: new Counter({
    name: 'ccgame_http_problems_total',
    help: 'Requests that were refused or failed, by the code of their problem details',
    labelNames: ['route', 'code'],
  }),
};
