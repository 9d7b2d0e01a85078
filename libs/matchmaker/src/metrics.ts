import { Counter, Gauge, Histogram } from 'prom-client';

const seconds = [0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600];

/** Metrics of a matching server; every name starts with `ccgame_matching_`. */
export const metrics = {
  tickets: new Gauge({
    name: 'ccgame_matching_tickets',
    help: 'Tickets that wait, of those that this version’s servers match; each of them knows all, so look at the largest',
    labelNames: ['mode'],
  }),
  partitions: new Gauge({
    name: 'ccgame_matching_partitions_owned',
    help: 'Partitions that this server owns',
  }),
  takeovers: new Counter({
    name: 'ccgame_matching_takeovers_total',
    help: 'Times this server became the owner of a partition',
  }),
  stepDowns: new Counter({
    name: 'ccgame_matching_step_downs_total',
    help: 'Times this server gave a partition up, by why',
    labelNames: ['reason'],
  }),
  joins: new Counter({
    name: 'ccgame_matching_joins_total',
    help: 'Joins by result: ok, or the error code',
    labelNames: ['mode', 'result'],
  }),
  waits: new Histogram({
    name: 'ccgame_matching_wait_seconds',
    help: 'How long tickets waited for their match',
    labelNames: ['mode'],
    buckets: seconds,
  }),
  matches: new Counter({
    name: 'ccgame_matching_matches_total',
    help: 'Matches that this server formed',
    labelNames: ['mode'],
  }),
  cancelled: new Counter({
    name: 'ccgame_matching_matches_cancelled_total',
    help: 'Matches that did not come about, by why',
    labelNames: ['mode', 'reason'],
  }),
  failedSteps: new Counter({
    name: 'ccgame_matching_steps_failed_total',
    help: 'Steps of matches that failed and are tried again, by the state that the match was in',
    labelNames: ['mode', 'state'],
  }),
  closed: new Counter({
    name: 'ccgame_matching_tickets_closed_total',
    help: 'Tickets that left without a match, by why',
    labelNames: ['mode', 'reason'],
  }),
  sliceSeconds: new Histogram({
    name: 'ccgame_matching_slice_seconds',
    help: 'One slice of a work that takes long: joins wait no longer than this for it',
    labelNames: ['work'],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.008, 0.01, 0.012, 0.015, 0.02, 0.03, 0.05, 0.1],
  }),
  longestSlice: new Gauge({
    name: 'ccgame_matching_longest_slice_seconds',
    help: 'The longest slice of a work since the server started',
    labelNames: ['work'],
  }),
};
