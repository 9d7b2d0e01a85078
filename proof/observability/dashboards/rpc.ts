import { type Dashboard, gaugeBy, graph, quantileBy, rateBy } from '../panels.js';

const p99 = 0.99;

export const rpc: Dashboard = {
  uid: 'ccgame-rpc',
  title: 'ccgame: RPC',
  description: 'Calls between servers, from both sides.',
  panels: [
    graph(
      'Calls',
      'reqps',
      'On the side of the caller.',
      rateBy('ccgame_rpc_calls_total', 'to, handler', '{{to}}.{{handler}}'),
    ),
    graph(
      'Calls that failed',
      'reqps',
      'On the side of the caller, by code.',
      rateBy('ccgame_rpc_calls_total{result!="ok"}', 'to, handler, result', '{{to}}.{{handler}} {{result}}'),
    ),
    graph(
      'Time of a call, p99',
      's',
      'With the way there and back, and the wait for a place.',
      quantileBy(p99, 'ccgame_rpc_call_seconds', 'to, handler', '{{to}}.{{handler}}'),
    ),
    graph(
      'Time of a handler, p99',
      's',
      'Without them: the difference is the network, NATS or a queue.',
      quantileBy(p99, 'ccgame_rpc_handler_seconds', 'server_type, handler', '{{server_type}}.{{handler}}'),
    ),
    graph(
      'Handlers: begun',
      'reqps',
      'By handler.',
      rateBy('ccgame_rpc_handler_started_total', 'server_type, handler', '{{server_type}}.{{handler}}'),
    ),
    graph(
      'Handlers: went well',
      'reqps',
      'By handler.',
      rateBy('ccgame_rpc_handler_ok_total', 'server_type, handler', '{{server_type}}.{{handler}}'),
    ),
    graph(
      'Handlers: failed',
      'reqps',
      'By the code that the caller got.',
      rateBy(
        'ccgame_rpc_handler_failed_total',
        'server_type, handler, code',
        '{{server_type}}.{{handler}} {{code}}',
      ),
    ),
    graph(
      'Dropped as too late',
      'reqps',
      'Their callers had given up before they began.',
      rateBy('ccgame_rpc_handler_late_total', 'server_type, handler', '{{server_type}}.{{handler}}'),
    ),
    graph(
      'In flight',
      'short',
      'Calls that run now.',
      gaugeBy('sum', 'ccgame_rpc_handler_in_flight', 'server_type, handler', '{{server_type}}.{{handler}}'),
    ),
    graph(
      'Queued',
      'short',
      'Calls that wait for a place.',
      gaugeBy('sum', 'ccgame_rpc_handler_queued', 'server_type, handler', '{{server_type}}.{{handler}}'),
    ),
  ],
};
