import { Injectable } from '@nestjs/common';
import type { Job, JobArguments, JobReport } from '@ccgame/server';
import { SettlementService } from './settlement.service.js';

/** Closes the leaderboards' periods that are over and gives their rewards, all that no earlier run has closed. */
@Injectable()
export class SettleLeaderboardsJob implements Job {
  readonly takes = { board: 'This board alone', period: 'This period alone, by its name: 20261128T000000Z' };

  constructor(private readonly settlement: SettlementService) {}

  async run({ board, period }: JobArguments = {}): Promise<JobReport> {
    const { settled, skipped, failed } = await this.settlement.settle({ board, period });
    return { done: settled, skipped, failed };
  }
}
