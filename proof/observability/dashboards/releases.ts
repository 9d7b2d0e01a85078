import { type Dashboard, gaugeBy, graph, quantileBy, rateBy } from '../panels.js';

const p99 = 0.99;
const servers = '{{server_type}} {{version}}';
const byServer = 'server_type, version';
/** Not the player's own mistake: something is broken or too slow. */
const ourFault = 'INTERNAL|TIMEOUT|GONE|NO_SERVER|BUSY';

const failedShare = (metric: string, selector: string, labels: string): string =>
  `sum by (${labels}) (rate(${metric}{${selector}}[$__rate_interval])) / sum by (${labels}) (rate(${metric}[$__rate_interval]))`;

export const releases: Dashboard = {
  uid: 'ccgame-releases',
  title: 'ccgame: releases',
  description: 'Versions side by side: leave the variable for the version at All.',
  panels: [
    graph(
      'Versions in the table',
      'short',
      'By state and role.',
      gaugeBy(
        'max',
        'ccgame_release_version',
        'release_version, state, role',
        '{{release_version}} {{state}} {{role}}',
      ),
    ),
    graph(
      'Players by version',
      'short',
      'A canary grows, and a version that drains becomes empty.',
      gaugeBy('sum', 'ccgame_connector_version_sessions', 'session_version', '{{session_version}}'),
    ),
    graph(
      'Servers ready',
      'short',
      'By type and version.',
      gaugeBy('sum', 'ccgame_server_ready', byServer, servers),
    ),
    graph(
      'Work left',
      'short',
      'A version is retired when it has none.',
      gaugeBy('sum', 'ccgame_server_work_left', 'version, work', '{{version}} {{work}}'),
    ),
    graph(
      'Age of the oldest work',
      's',
      'It holds a retirement up.',
      gaugeBy('max', 'ccgame_server_work_oldest_seconds', 'version, work', '{{version}} {{work}}'),
    ),
    graph(
      'Calls by version',
      'reqps',
      'Handlers of each version.',
      rateBy('ccgame_rpc_handler_started_total', 'version, server_type', '{{version}} {{server_type}}'),
    ),
    graph('Share of calls that failed by our fault', 'percentunit', 'Compare the canary with stable.', {
      expr: `sum by (version, server_type) (rate(ccgame_rpc_handler_failed_total{code=~"${ourFault}"}[$__rate_interval])) / sum by (version, server_type) (rate(ccgame_rpc_handler_started_total[$__rate_interval]))`,
      legend: '{{version}} {{server_type}}',
    }),
    graph(
      'Time of handlers by version, p99',
      's',
      'Compare the canary with stable.',
      quantileBy(p99, 'ccgame_rpc_handler_seconds', 'version, server_type', '{{version}} {{server_type}}'),
    ),
    graph('HTTP: share of 5xx by version', 'percentunit', 'Compare the canary with stable.', {
      expr: failedShare('ccgame_http_requests_total', 'status=~"5.."', 'version'),
      legend: '{{version}}',
    }),
    graph(
      'HTTP: time to answer by version, p99',
      's',
      'Compare the canary with stable.',
      quantileBy(p99, 'ccgame_http_request_seconds', 'version', '{{version}}'),
    ),
    graph('CPU by version', 'short', 'Cores of one server, on average.', {
      expr: 'avg by (version, server_type) (rate(process_cpu_seconds_total[$__rate_interval]))',
      legend: '{{version}} {{server_type}}',
    }),
    graph(
      'Release table',
      'short',
      'Tables adopted by all servers, a second; and servers that can not use the newest.',
      { expr: 'sum(rate(ccgame_release_changes_total[$__rate_interval]))', legend: 'adopted' },
      { expr: 'sum(ccgame_release_table_broken)', legend: 'broken' },
    ),
    graph(
      'Players asked to move',
      'ops',
      'By the release or a stop.',
      rateBy('ccgame_connector_moves_total', 'reason', '{{reason}}'),
    ),
  ],
};
