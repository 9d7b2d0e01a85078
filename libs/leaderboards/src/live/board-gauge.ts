import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { LiveBoards } from './live-boards.js';

/** Of this process: several apps in one test share the gauge. */
const shown = new Set<LiveBoards>();

new Gauge({
  name: 'ccgame_leaderboards_players',
  help: 'Players held in memory, in the newest two periods',
  labelNames: ['board'],
  collect() {
    this.reset();
    for (const live of shown) for (const board of live.boardNames()) this.inc({ board }, live.players(board));
  },
});

/** Counts at each scrape. */
@Injectable()
export class BoardGauge implements OnApplicationShutdown {
  constructor(private readonly live: LiveBoards) {
    shown.add(live);
  }

  onApplicationShutdown(): void {
    shown.delete(this.live);
  }
}
