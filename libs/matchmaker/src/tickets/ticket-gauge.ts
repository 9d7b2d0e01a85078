import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { PartitionPools } from '../view/partition-pools.js';

/** Counts at each scrape; every server of a version knows all of its tickets, so look at one, or at the largest. */
@Injectable()
export class TicketGauge {
  constructor(pools: PartitionPools) {
    new Gauge({
      name: 'ccgame_matching_tickets',
      help: 'Tickets that wait, of those that this version’s servers match',
      labelNames: ['mode'],
      collect() {
        this.reset();
        for (const { mode, pool } of pools.partitions.values()) this.inc({ mode: mode.name }, pool.size);
      },
    });
  }
}
