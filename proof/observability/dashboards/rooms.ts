import { type Dashboard, gaugeBy, graph, quantileBy, rateBy } from '../panels.js';

const p99 = 0.99;

export const rooms: Dashboard = {
  uid: 'ccgame-rooms',
  title: 'ccgame: rooms and entities',
  description: 'State that outlives its server.',
  panels: [
    graph(
      'In memory',
      'short',
      'Entities and rooms, by kind.',
      gaugeBy('sum', 'ccgame_entities_live', 'entity, version', '{{entity}} {{version}}'),
    ),
    graph(
      'Partitions owned',
      'short',
      'By server.',
      gaugeBy('sum', 'ccgame_entities_partitions_owned', 'server_id', '{{server_id}}'),
    ),
    graph(
      'Ticks',
      'ops',
      'Of all rooms, by kind.',
      rateBy('ccgame_rooms_tick_seconds_count', 'entity', '{{entity}}'),
    ),
    graph('Late ticks', 'percentunit', 'Share that began more than 10 ms late.', {
      expr: 'sum by (entity) (rate(ccgame_rooms_late_ticks_total[$__rate_interval])) / sum by (entity) (rate(ccgame_rooms_tick_seconds_count[$__rate_interval]))',
      legend: '{{entity}}',
    }),
    graph(
      'Time of a tick, p99',
      's',
      'By kind.',
      quantileBy(p99, 'ccgame_rooms_tick_seconds', 'entity', '{{entity}}'),
    ),
    graph(
      'Rooms over their budget',
      's',
      'What such a room takes a tick: the ten of each server that take the most.',
      gaugeBy('max', 'ccgame_rooms_over_budget_seconds', 'entity, room', '{{entity}} {{room}}'),
    ),
    graph(
      'Servers above their mark',
      'short',
      'More than half of their ticks begin late; and the rooms that they refused to make, a second.',
      gaugeBy('sum', 'ccgame_rooms_above_mark', 'server_type', '{{server_type}}'),
      rateBy('ccgame_rooms_refused_total', 'entity', '{{entity}} refused'),
    ),
    graph(
      'Inputs stored',
      'ops',
      'And batches, each of which carries many.',
      rateBy('ccgame_entities_inputs_total', 'entity', '{{entity}}'),
      { expr: 'sum(rate(ccgame_entities_flushes_total[$__rate_interval]))', legend: 'batches' },
    ),
    graph(
      'Recovery, p99',
      's',
      'From owning a partition to all of its entities being there.',
      quantileBy(p99, 'ccgame_entities_recovery_seconds', 'server_type', '{{server_type}}'),
    ),
    graph(
      'Partitions lost, inputs played again',
      'ops',
      'After a server died or stood still.',
      rateBy('ccgame_entities_partitions_lost_total', 'reason', 'lost: {{reason}}'),
      { expr: 'sum(rate(ccgame_entities_inputs_replayed_total[$__rate_interval]))', legend: 'inputs again' },
    ),
    graph(
      'Moves between versions',
      'ops',
      'Taken by another version, and not.',
      rateBy('ccgame_entities_moved_total', 'entity', '{{entity}} moved'),
      rateBy('ccgame_entities_moves_failed_total', 'entity', '{{entity}} failed'),
    ),
    graph(
      'Calls to other entities',
      'ops',
      'Stored calls that have arrived, and those that were refused for good: the log has them.',
      rateBy('ccgame_entities_calls_arrived_total', 'entity', '{{entity}} arrived'),
      rateBy('ccgame_entities_calls_refused_total', 'handler', '{{handler}} refused'),
    ),
    graph(
      'Broken',
      'ops',
      'Replays that came to something else, hangs, rooms that were stopped, pushes too large to be sent: all are the game’s code.',
      rateBy('ccgame_entities_divergences_total', 'entity', '{{entity}} diverged'),
      rateBy('ccgame_entities_hung_total', 'entity', 'a server hung in {{entity}}'),
      rateBy('ccgame_rooms_stopped_total', 'entity', '{{entity}} stopped'),
      rateBy('ccgame_entities_pushes_dropped_total', 'route', 'push {{route}} that can’t be sent'),
    ),
  ],
};
