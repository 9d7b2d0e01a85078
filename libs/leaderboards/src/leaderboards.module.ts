import { NatsClock } from '@ccgame/jetstream';
import { type DynamicModule, Module, type ModuleMetadata, type Provider, type Type } from '@nestjs/common';
import { type BoardOptions, checkBoards } from './boards/board.js';
import { BOARDS } from './boards/boards.js';
import { FoldingService } from './folding/folding.service.js';
import { ResultsAge } from './folding/results-age.js';
import { LeaderboardsController } from './http/leaderboards.controller.js';
import { BoardGauge } from './live/board-gauge.js';
import { BoardReadiness } from './live/board-readiness.js';
import { LiveBoards } from './live/live-boards.js';
import { Archive } from './settlement/archive.js';
import { ArchiveRoom } from './settlement/archive-room.js';
import { ArchiveWriter } from './settlement/archive-writer.js';
import { PeriodScores } from './settlement/period-scores.js';
import { PeriodSettler } from './settlement/period-settler.js';
import { RewardGiver } from './settlement/reward-giver.js';
import { LeaderboardRewards, NoRewards } from './settlement/rewards.js';
import { SettlementService } from './settlement/settlement.service.js';
import { LeaderboardStore } from './store/leaderboard-store.js';
import { ResultLog } from './submission/result-log.js';
import { ScoreSubmitter } from './submission/score-submitter.js';
import { Leaderboards } from './views/leaderboards.js';

/** The boards of a game, and what this server does for them. */
export interface LeaderboardsOptions {
  boards: readonly BoardOptions[];
  /** This server counts results, holds the boards in memory and answers players over HTTP. Default: no, it only submits and settles. */
  serves?: boolean;
  /** Modules whose providers the rewards need. */
  imports?: ModuleMetadata['imports'];
  /** Gives the rewards of settled periods; none when left out. */
  rewards?: Type<LeaderboardRewards>;
}

const settlement: Provider[] = [
  ...[SettlementService, PeriodSettler, PeriodScores],
  ...[ArchiveRoom, ArchiveWriter, RewardGiver],
];
const serving: Provider[] = [FoldingService, LiveBoards, NatsClock, Leaderboards, BoardReadiness, BoardGauge];

/** Leaderboards. A server that serves them needs `ServerModule` and `TokensModule` as well. */
@Module({})
export class LeaderboardsModule {
  /** Import it once, in the root module. @throws Error for a board that is declared wrongly */
  static forRoot({
    boards,
    serves = false,
    imports = [],
    rewards = NoRewards,
  }: LeaderboardsOptions): DynamicModule {
    return {
      module: LeaderboardsModule,
      global: true,
      imports,
      controllers: serves ? [LeaderboardsController] : [],
      providers: [
        { provide: BOARDS, useValue: checkBoards(boards) },
        { provide: LeaderboardRewards, useClass: rewards },
        LeaderboardStore,
        ResultLog,
        ResultsAge,
        ScoreSubmitter,
        Archive,
        ...settlement,
        ...(serves ? serving : []),
      ],
      exports: [ScoreSubmitter, SettlementService, ...(serves ? [Leaderboards] : [])],
    };
  }
}
