import { type Dashboard, gaugeBy, graph, quantileBy, rateBy } from '../panels.js';

const p99 = 0.99;

export const nats: Dashboard = {
  uid: 'ccgame-nats',
  title: 'ccgame: NATS and storage',
  description: 'As the servers see it. The figures of NATS itself come from its own exporter.',
  panels: [
    graph('Servers without a connection', 'short', 'By type.', {
      expr: 'sum by (server_type) (1 - ccgame_nats_connected)',
      legend: '{{server_type}}',
    }),
    graph(
      'Reconnects',
      'ops',
      'By type.',
      rateBy('ccgame_nats_reconnects_total', 'server_type', '{{server_type}}'),
    ),
    graph('Until the certificate ends', 's', 'As NATS showed it last; nothing without TLS.', {
      expr: 'max(ccgame_nats_certificate_expiry_timestamp_seconds > 0) - time()',
      legend: 'left',
    }),
    graph(
      'Not permitted',
      'ops',
      'Subjects that NATS refused: a missing right, or somebody who tries.',
      rateBy('ccgame_nats_denied_total', 'server_type, operation', '{{server_type}} {{operation}}'),
    ),
    graph(
      'Tried again',
      'ops',
      'Work that failed and goes on until it succeeds.',
      rateBy('ccgame_retries_total', 'server_type, work', '{{server_type}} {{work}}'),
    ),
    graph(
      'Set aside',
      'ops',
      'Work that was given up: the log has `work.set-aside`.',
      rateBy('ccgame_set_aside_total', 'server_type, work', '{{server_type}} {{work}}'),
    ),
    graph(
      'Storage faults',
      'short',
      'Servers that can’t have a stream or bucket which they need.',
      gaugeBy('sum', 'ccgame_storage_faults', 'storage', '{{storage}}'),
    ),
    graph(
      'Time to store a message, p99',
      's',
      'Until JetStream says so.',
      quantileBy(p99, 'ccgame_storage_publish_seconds', 'storage', '{{storage}}'),
    ),
    graph(
      'Messages stored',
      'ops',
      'By stream or bucket.',
      rateBy('ccgame_storage_publish_seconds_count', 'storage', '{{storage}}'),
    ),
    graph(
      'Messages not stored',
      'ops',
      'refused is a compare-and-set that lost, or a full stream.',
      rateBy('ccgame_storage_not_stored_total', 'server_type, kind', '{{server_type}} {{kind}}'),
    ),
    graph(
      'Writes sent again',
      'ops',
      'An ack was half a second late: a NATS server leaves, or the storage is slow.',
      rateBy('ccgame_storage_repeated_total', 'server_type', '{{server_type}}'),
    ),
    graph('How full', 'percentunit', 'Of what may be held.', {
      expr: 'max by (storage) (ccgame_storage_bytes) / max by (storage) (ccgame_storage_limit_bytes)',
      legend: '{{storage}}',
    }),
    graph(
      'Bytes held',
      'bytes',
      'By stream or bucket.',
      gaugeBy('max', 'ccgame_storage_bytes', 'storage', '{{storage}}'),
    ),
  ],
};
