import { Gauge } from 'prom-client';
import { collectAtScrape } from './collect-at-scrape.js';
import type { Readiness } from './readiness.js';
import type { WorkLeft } from './work/work-left.js';

/** Metrics of every server. */
export const metrics = {
  ready: new Gauge({ name: 'ccgame_server_ready', help: '1 while this server wants traffic' }),
  notReady: new Gauge({
    name: 'ccgame_server_not_ready',
    help: '1 for each thing that keeps this server from being ready',
    labelNames: ['missing'],
  }),
  workLeft: new Gauge({
    name: 'ccgame_server_work_left',
    help: 'Work that this server holds and that must not be cut off, as rooms and matches',
    labelNames: ['work'],
  }),
  workOldest: new Gauge({
    name: 'ccgame_server_work_oldest_seconds',
    help: 'For how long the oldest of it has been going on',
    labelNames: ['work'],
  }),
};

/** Reads them at each scrape. */
export function showServerState(readiness: Readiness, work: WorkLeft): void {
  collectAtScrape(metrics.ready, (ready) => ready.set(readiness.missing().length === 0 ? 1 : 0));
  collectAtScrape(metrics.notReady, (notReady) => {
    notReady.reset();
    for (const missing of readiness.missing()) notReady.set({ missing }, 1);
  });
  collectAtScrape(metrics.workLeft, (workLeft) => {
    workLeft.reset();
    for (const { name, count } of work.listWork()) workLeft.set({ work: name }, count);
  });
  collectAtScrape(metrics.workOldest, (oldest) => {
    oldest.reset();
    for (const { name, longestMs } of work.listWork()) oldest.set({ work: name }, longestMs / 1_000);
  });
}
