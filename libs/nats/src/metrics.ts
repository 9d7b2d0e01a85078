import { Counter, Gauge } from 'prom-client';

/** Metrics of the connection to NATS, and of the storage behind it. */
export const metrics = {
  connected: new Gauge({
    name: 'ccgame_nats_connected',
    help: '1 while the connection to NATS is up',
  }),
  reconnects: new Counter({
    name: 'ccgame_nats_reconnects_total',
    help: 'Times the connection to NATS came back',
  }),
  certificateExpiry: new Gauge({
    name: 'ccgame_nats_certificate_expiry_timestamp_seconds',
    help: 'When the certificate ends that NATS showed at the last connection; 0 where it showed none',
  }),
  denied: new Counter({
    name: 'ccgame_nats_denied_total',
    help: 'Subjects that NATS did not permit to this process, by operation: publish or subscription',
    labelNames: ['operation'],
  }),
  retries: new Counter({
    name: 'ccgame_retries_total',
    help: 'Tries that failed and are made again, by the work that they are of',
    labelNames: ['work'],
  }),
  setAside: new Counter({
    name: 'ccgame_set_aside_total',
    help: 'Work that was tried again and is given up, and stored records that can not be read, by what it is of: it is in the log',
    labelNames: ['work'],
  }),
  storageFaults: new Gauge({
    name: 'ccgame_storage_faults',
    help: '1 for each stream or bucket that this server needs and that is missing, full or does not answer',
    labelNames: ['storage'],
  }),
};
