import { Counter, Gauge } from 'prom-client';

/** Metrics of the release table, as this server knows it. */
export const metrics = {
  // A reader that can't tell a table from rubbish keeps the last good one, and somebody has to look.
  broken: new Gauge({
    name: 'ccgame_release_table_broken',
    help: '1 while the newest release table is gone or can not be used, and an older one is in force',
  }),
  changes: new Counter({
    name: 'ccgame_release_changes_total',
    help: 'Release tables that this server adopted',
  }),
  versions: new Gauge({
    name: 'ccgame_release_version',
    help: '1 for each version in the table that is not retired, by its state and its role: stable, canary or none',
    labelNames: ['release_version', 'state', 'role'],
  }),
};
