import { Counter, Gauge, Histogram } from 'prom-client';

/** Metrics of the entities of this process. */
export const metrics = {
  live: new Gauge({ name: 'ccgame_entities_live', help: 'Entities in memory', labelNames: ['entity'] }),
  partitions: new Gauge({
    name: 'ccgame_entities_partitions_owned',
    help: 'Partitions that this server owns',
  }),
  inputs: new Counter({
    name: 'ccgame_entities_inputs_total',
    help: 'Stored inputs',
    labelNames: ['entity'],
  }),
  flushes: new Counter({ name: 'ccgame_entities_flushes_total', help: 'Batches stored' }),
  recovery: new Histogram({
    name: 'ccgame_entities_recovery_seconds',
    help: 'From owning a partition to all of its entities being there',
    buckets: [0.005, 0.02, 0.1, 0.5, 2],
  }),
  replayed: new Counter({ name: 'ccgame_entities_inputs_replayed_total', help: 'Inputs played again' }),
  divergences: new Counter({
    name: 'ccgame_entities_divergences_total',
    help: 'Replays that came to something else than the inputs had before',
    labelNames: ['entity'],
  }),
  moves: new Counter({
    name: 'ccgame_entities_moved_total',
    help: 'Entities that another version took',
    labelNames: ['entity'],
  }),
  failedMoves: new Counter({
    name: 'ccgame_entities_moves_failed_total',
    help: 'Entities that another version did not take: they went on in their own',
    labelNames: ['entity'],
  }),
  tickSeconds: new Histogram({
    name: 'ccgame_rooms_tick_seconds',
    help: 'How long one tick of a room ran',
    labelNames: ['entity'],
    buckets: [0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
  }),
  lateTicks: new Counter({
    name: 'ccgame_rooms_late_ticks_total',
    help: 'Ticks that began more than 10 ms late',
    labelNames: ['entity'],
  }),
  overBudget: new Gauge({
    name: 'ccgame_rooms_over_budget_seconds',
    help: 'Time that a room over its budget takes a tick, calls included: the ten that take the most',
    labelNames: ['entity', 'room'],
  }),
  overloaded: new Gauge({
    name: 'ccgame_rooms_above_mark',
    help: '1: more than half of the ticks of this server begin late, so it makes no new rooms',
  }),
  refused: new Counter({
    name: 'ccgame_rooms_refused_total',
    help: 'Rooms that were not made, as the server was overloaded',
    labelNames: ['entity'],
  }),
  stopped: new Counter({
    name: 'ccgame_rooms_stopped_total',
    help: 'Rooms that were stopped, as their ticks or calls kept failing, they had grown too large, or servers hung in them',
    labelNames: ['entity'],
  }),
  hung: new Counter({
    name: 'ccgame_entities_hung_total',
    help: 'Entities that a server found in which another one had hung before it ended itself',
    labelNames: ['entity'],
  }),
  droppedPushes: new Counter({
    name: 'ccgame_entities_pushes_dropped_total',
    help: 'Reliable pushes that can never be sent, and were set aside',
    labelNames: ['route'],
  }),
  arrivedCalls: new Counter({
    name: 'ccgame_entities_calls_arrived_total',
    help: 'Calls of entities to other entities that have arrived',
    labelNames: ['entity'],
  }),
  refusedCalls: new Counter({
    name: 'ccgame_entities_calls_refused_total',
    help: 'Calls of entities to other entities that were refused for good, or given up after a day: they are in the log',
    labelNames: ['handler', 'code'],
  }),
  lost: new Counter({
    name: 'ccgame_entities_partitions_lost_total',
    help: 'Partitions lost',
    labelNames: ['reason'],
  }),
};
