import { Counter, Gauge } from 'prom-client';

/** Metrics of the boards of this process; every name starts with `ccgame_leaderboards_`. */
export const metrics = {
  results: new Counter({
    name: 'ccgame_leaderboards_results_total',
    help: 'Submitted results: stored, repeated, conflict, or busy (not known to be stored)',
    labelNames: ['outcome'],
  }),
  counted: new Counter({
    name: 'ccgame_leaderboards_counted_total',
    help: 'Results that this server counted',
    labelNames: ['board'],
  }),
  skipped: new Counter({
    name: 'ccgame_leaderboards_skipped_total',
    help: 'Results and scores that can not be read, and were left out',
    labelNames: ['board'],
  }),
  failures: new Counter({
    name: 'ccgame_leaderboards_count_failures_total',
    help: 'Tries to count results that failed, and are made again: not-counted, or rules-differ',
    labelNames: ['board', 'reason'],
  }),
  players: new Gauge({
    name: 'ccgame_leaderboards_players',
    help: 'Players held in memory, in the newest two periods',
    labelNames: ['board'],
  }),
};
