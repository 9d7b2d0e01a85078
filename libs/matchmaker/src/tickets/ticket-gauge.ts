import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Pools } from '../view/pools.js';

/** Counts at each scrape; every server of a version knows all of its tickets, so look at one, or at the largest. */
@Injectable()
export class TicketGauge {
  constructor(pools: Pools) {
    new Gauge({
      name: 'ccgame_matching_tickets',
      help: 'Tickets that wait, of those that this version’s servers match',
      labelNames: ['mode'],
      collect() {
        this.reset();
        for (const { mode, bucket } of pools.partitions.values()) this.inc({ mode: mode.name }, bucket.size);
      },
    });
  }
}
