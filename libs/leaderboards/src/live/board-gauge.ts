import { Injectable } from '@nestjs/common';
import { collectAtScrape } from '@ccgame/server';
import { metrics } from '../metrics.js';
import { LiveBoards } from './live-boards.js';

/** Counts at each scrape. */
@Injectable()
export class BoardGauge {
  constructor(live: LiveBoards) {
    collectAtScrape(metrics.players, (players) => {
      for (const board of live.boardNames()) players.set({ board }, live.players(board));
    });
  }
}
