import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Subscription } from '@nats-io/nats-core';
import { type Board, BOARDS } from '../boards/boards.js';
import { LiveBoards } from '../live/live-boards.js';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import { resultSubject } from '../store/streams.js';
import { ResultLog } from '../submission/result-log.js';
import { BoardFolder } from './board-folder.js';
import { FoldLoop } from './fold-loop.js';
import { ResultsAge } from './results-age.js';

/** Counts the results of all boards for as long as this server lives: each board by itself, so one that fails stops no other. */
@Injectable()
export class FoldingService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('leaderboards');
  private loops: FoldLoop[] = [];
  private subscriptions: Subscription[] = [];
  private unwatch?: () => void;

  constructor(
    @Inject(BOARDS) private readonly boards: readonly Board[],
    private readonly store: LeaderboardStore,
    private readonly age: ResultsAge,
    private readonly results: ResultLog,
    private readonly live: LiveBoards,
  ) {}

  onApplicationBootstrap(): void {
    this.loops = this.boards.map(
      (board) =>
        new FoldLoop(
          new BoardFolder(board, this.store, (messages) => this.live.writeScores(messages)),
          this.age,
          this.results,
          this.log,
        ),
    );
    this.unwatch = this.store.health.onChange(() => {
      for (const loop of this.loops) loop.wake();
    });
    for (const topic of new Set(this.boards.map((board) => board.topic))) this.listen(topic);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.unwatch?.();
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    await Promise.all(this.loops.map((loop) => loop.close()));
  }

  /** A message is a hint that there may be something to count, no more. */
  private listen(topic: string): void {
    const loops = this.loops.filter(({ board }) => board.topic === topic);
    const callback = (): void => {
      for (const loop of loops) loop.hear();
    };
    this.subscriptions.push(this.store.nats.subscribe(resultSubject(topic, '*'), { callback }));
  }
}
