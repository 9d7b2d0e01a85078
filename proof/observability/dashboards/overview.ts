import { type Dashboard, gaugeBy, graph, quantileBy, rateBy } from '../panels.js';

const p99 = 0.99;
const servers = '{{server_type}} {{version}}';
const byServer = 'server_type, version';

export const overview: Dashboard = {
  uid: 'ccgame-overview',
  title: 'ccgame: the game',
  description: 'Whether players can play: the first page to look at.',
  panels: [
    graph(
      'Players connected',
      'short',
      'By the version that they play.',
      gaugeBy('sum', 'ccgame_connector_version_sessions', 'session_version', '{{session_version}}'),
    ),
    graph(
      'Servers ready',
      'short',
      'Servers that want traffic.',
      gaugeBy('sum', 'ccgame_server_ready', byServer, servers),
    ),
    graph(
      'Messages of players',
      'reqps',
      'All Requests, Notifies and events.',
      rateBy('ccgame_connector_requests_total', 'result', '{{result}}'),
    ),
    graph(
      'Time to answer a player, p99',
      's',
      'From a Request to its Response.',
      quantileBy(p99, 'ccgame_connector_request_seconds', 'outcome', '{{outcome}}'),
    ),
    graph('Matches formed', 'ops', 'By mode.', rateBy('ccgame_matching_matches_total', 'mode', '{{mode}}')),
    graph(
      'Tickets that wait',
      'short',
      'By mode.',
      gaugeBy('max', 'ccgame_matching_tickets', 'mode', '{{mode}}'),
    ),
    graph(
      'What keeps servers from being ready',
      'short',
      'Servers, by what is missing.',
      gaugeBy('sum', 'ccgame_server_not_ready', 'server_type, missing', '{{server_type}}: {{missing}}'),
    ),
    graph(
      'Work left',
      'short',
      'What must not be cut off by a release.',
      gaugeBy('sum', 'ccgame_server_work_left', 'version, work', '{{work}} {{version}}'),
    ),
    graph('CPU', 'short', 'Cores in use.', rateBy('process_cpu_seconds_total', byServer, servers)),
    graph(
      'Memory',
      'bytes',
      'The largest process of each type.',
      gaugeBy('max', 'process_resident_memory_bytes', byServer, servers),
    ),
    graph(
      'Event loop lag, p99',
      's',
      'For how long the largest part of a process was held up. It is looked at each 50 ms, so 0.05 is none.',
      gaugeBy('max', 'nodejs_eventloop_lag_p99_seconds', byServer, servers),
    ),
    graph(
      'Time in garbage collection',
      'percentunit',
      'Share of the time.',
      rateBy('nodejs_gc_duration_seconds_sum', byServer, servers),
    ),
  ],
};
