import { Counter, Gauge, Histogram } from 'prom-client';

/** Metrics of the streams and buckets. */
export const metrics = {
  publishSeconds: new Histogram({
    name: 'ccgame_storage_publish_seconds',
    help: 'From a message to JetStream’s word that it is stored',
    labelNames: ['storage'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
  }),
  notStored: new Counter({
    name: 'ccgame_storage_not_stored_total',
    help: 'Messages without that word: refused (compare-and-set, full), nobody (no stream takes it), denied (no right), unknown (no answer)',
    labelNames: ['kind'],
  }),
  repeated: new Counter({
    name: 'ccgame_storage_repeated_total',
    help: 'Writes that were sent again as their ack was half a second late, as it is where a NATS server leaves',
  }),
  bytes: new Gauge({
    name: 'ccgame_storage_bytes',
    help: 'Bytes that a stream or bucket holds; every server that needs it tells, so look at the largest',
    labelNames: ['storage'],
  }),
  limitBytes: new Gauge({
    name: 'ccgame_storage_limit_bytes',
    help: 'Bytes that it may hold, by what happens then: `old` drops the oldest, `new` refuses writes',
    labelNames: ['storage', 'discard'],
  }),
};
