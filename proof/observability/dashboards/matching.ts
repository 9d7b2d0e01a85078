import { type Dashboard, gaugeBy, graph, quantileBy, rateBy } from '../panels.js';

const p99 = 0.99;

export const matching: Dashboard = {
  uid: 'ccgame-matching',
  title: 'ccgame: matching',
  description: 'Tickets, matches and the owners of partitions.',
  panels: [
    graph(
      'Tickets that wait',
      'short',
      'By mode and version.',
      gaugeBy('max', 'ccgame_matching_tickets', 'mode, version', '{{mode}} {{version}}'),
    ),
    graph(
      'Wait for a match',
      's',
      'Half of the tickets, and the slowest tenth.',
      quantileBy(0.5, 'ccgame_matching_wait_seconds', 'mode', '{{mode}} p50'),
      quantileBy(0.9, 'ccgame_matching_wait_seconds', 'mode', '{{mode}} p90'),
    ),
    graph(
      'Joins',
      'ops',
      'By result: ok, or the error code.',
      rateBy('ccgame_matching_joins_total', 'mode, result', '{{mode}} {{result}}'),
    ),
    graph('Matches', 'ops', 'Formed, by mode.', rateBy('ccgame_matching_matches_total', 'mode', '{{mode}}')),
    graph(
      'Matches that did not come about',
      'ops',
      'By why.',
      rateBy('ccgame_matching_matches_cancelled_total', 'mode, reason', '{{mode}} {{reason}}'),
    ),
    graph(
      'Tickets that left without one',
      'ops',
      'By why.',
      rateBy('ccgame_matching_tickets_closed_total', 'mode, reason', '{{mode}} {{reason}}'),
    ),
    graph(
      'Partitions owned',
      'short',
      'By server: each partition has one owner.',
      gaugeBy('sum', 'ccgame_matching_partitions_owned', 'server_id', '{{server_id}}'),
    ),
    graph(
      'Owners that changed',
      'ops',
      'Takeovers, and step-downs by why.',
      rateBy('ccgame_matching_takeovers_total', 'server_id', '{{server_id}} took over'),
      rateBy('ccgame_matching_step_downs_total', 'reason', 'stepped down: {{reason}}'),
    ),
    graph(
      'Steps of matches that failed',
      'ops',
      'Each is tried again.',
      rateBy('ccgame_matching_steps_failed_total', 'mode, state', '{{mode}} {{state}}'),
    ),
    graph(
      'One slice of long work, p99',
      's',
      'Joins wait no longer than this.',
      quantileBy(p99, 'ccgame_matching_slice_seconds', 'work', '{{work}}'),
      gaugeBy('max', 'ccgame_matching_longest_slice_seconds', 'work', '{{work}}, the longest ever'),
    ),
  ],
};
