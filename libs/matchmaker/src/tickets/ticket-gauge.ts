import { Injectable } from '@nestjs/common';
import { collectAtScrape } from '@ccgame/server';
import { metrics } from '../metrics.js';
import { PartitionPools } from '../view/partition-pools.js';

/** Counts at each scrape. */
@Injectable()
export class TicketGauge {
  constructor(pools: PartitionPools) {
    collectAtScrape(metrics.tickets, (tickets) => {
      tickets.reset();
      for (const { mode, pool } of pools.partitions.values()) tickets.inc({ mode: mode.name }, pool.size);
    });
  }
}
