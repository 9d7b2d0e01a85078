import { type Dashboard, gaugeBy, graph, quantileBy, rateBy } from '../panels.js';

const p99 = 0.99;

export const edge: Dashboard = {
  uid: 'ccgame-edge',
  title: 'ccgame: edge',
  description: 'Players’ sockets and HTTP.',
  panels: [
    graph(
      'Sessions by connector',
      'short',
      'Sockets of players.',
      gaugeBy('sum', 'ccgame_connector_sessions', 'server_id', '{{server_id}}'),
    ),
    graph(
      'Handshakes',
      'ops',
      'By result: ok, or why refused.',
      rateBy('ccgame_connector_handshakes_total', 'result', '{{result}}'),
    ),
    graph(
      'Refused before a handshake',
      'ops',
      'Floods, forged heads, too many of one address.',
      rateBy('ccgame_connector_refused_connections_total', 'reason', '{{reason}}'),
    ),
    graph(
      'Sockets closed',
      'ops',
      'By reason.',
      rateBy('ccgame_connector_closed_total', 'reason', '{{reason}}'),
    ),
    graph(
      'Messages by route',
      'reqps',
      '`other` are routes that nobody declared.',
      rateBy('ccgame_connector_requests_total', 'route', '{{route}}'),
    ),
    graph(
      'Messages that failed',
      'reqps',
      'By route and code.',
      rateBy('ccgame_connector_requests_total{result!="ok"}', 'route, result', '{{route}} {{result}}'),
    ),
    graph(
      'Time to answer by route, p99',
      's',
      'Those that went well.',
      quantileBy(p99, 'ccgame_connector_request_seconds{outcome="ok"}', 'route', '{{route}}'),
    ),
    graph(
      'Resumes',
      'ops',
      'By result: recovered, or why not.',
      rateBy('ccgame_connector_resumes_total', 'result', '{{result}}'),
    ),
    graph(
      'Pushes',
      'ops',
      'By kind; dropped ones are volatile, to slow clients. `missed` were replayed at resumes.',
      rateBy('ccgame_connector_pushes_total', 'kind', '{{kind}}'),
      { expr: 'sum(rate(ccgame_connector_missed_pushes_total[$__rate_interval]))', legend: 'missed' },
      { expr: 'sum(rate(ccgame_connector_gaps_total[$__rate_interval]))', legend: 'gaps told' },
    ),
    graph(
      'Players asked to move',
      'ops',
      'A release or a stop.',
      rateBy('ccgame_connector_moves_total', 'reason', '{{reason}}'),
      gaugeBy('sum', 'ccgame_connector_draining_sessions', '', 'still to move'),
    ),
    graph(
      'HTTP requests',
      'reqps',
      'By route and status.',
      rateBy('ccgame_http_requests_total', 'route, status', '{{route}} {{status}}'),
    ),
    graph(
      'HTTP time to answer, p99',
      's',
      'By route.',
      quantileBy(p99, 'ccgame_http_request_seconds', 'route', '{{route}}'),
    ),
    graph(
      'HTTP refusals',
      'reqps',
      'By route and code.',
      rateBy('ccgame_http_problems_total', 'route, code', '{{route}} {{code}}'),
    ),
    graph(
      'HTTP in flight',
      'short',
      'And forwarded to another version, a second.',
      gaugeBy('sum', 'ccgame_http_requests_in_flight', 'server_id', '{{server_id}}'),
      { expr: 'sum(rate(ccgame_http_forwarded_total[$__rate_interval]))', legend: 'forwarded' },
    ),
    graph(
      'Logins',
      'ops',
      'Guests, new and known.',
      rateBy('ccgame_accounts_logins_total', 'guest', '{{guest}}'),
    ),
  ],
};
