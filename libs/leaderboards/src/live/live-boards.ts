import { NatsClock, type StoredMessage, StreamFollower } from '@ccgame/jetstream';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type Board, BOARDS } from '../boards/boards.js';
import { RankedScores } from '../ranking/ranked-scores.js';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import type { ScoreRecord } from '../store/records.js';
import { scoresStream } from '../store/streams.js';

/** The newest period and the one before it, until it is settled: a board's memory doesn't grow with what a job left undone. */
const mostPeriods = 2;

interface LiveBoard {
  board: Board;
  periods: Map<string, RankedScores>;
}

/**
 * The boards of the periods that run, in the memory of this server: it follows the stream of scores, so every server shows
 * the same a moment later, and a question costs no read.
 */
@Injectable()
export class LiveBoards implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('leaderboards');
  private readonly boards: Map<string, LiveBoard>;
  private follower?: StreamFollower;

  constructor(
    @Inject(BOARDS) boards: readonly Board[],
    private readonly store: LeaderboardStore,
    private readonly clock: NatsClock,
  ) {
    this.boards = new Map(
      boards.map((board) => [board.name, { board, periods: new Map<string, RankedScores>() }]),
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.clock.follow(scoresStream.name);
    const startedAt = performance.now();
    this.follower = new StreamFollower(this.store.nats, this.store.health, {
      stream: scoresStream.name,
      expecting: true,
      onMessage: (message) => this.take(message),
      onReset: () => this.clear(),
    });
    void this.follower.caughtUp.then(() => {
      const ms = Math.round(performance.now() - startedAt);
      this.log.log({ event: 'leaderboards.loaded', players: this.players(), ms });
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.follower?.close();
  }

  /** All scores that stood at the start are in memory. */
  get isLoaded(): boolean {
    return this.follower?.isCaughtUp ?? false;
  }

  boardNames(): string[] {
    return [...this.boards.keys()];
  }

  /** How many players are held, of all boards and periods. */
  players(board?: string): number {
    const boards = board === undefined ? [...this.boards.values()] : [this.boards.get(board)];
    const periods = boards.flatMap((one) => [...(one?.periods.values() ?? [])]);
    return periods.reduce((sum, { size }) => sum + size, 0);
  }

  /** The scores of a period, if they are in memory. */
  scores(board: string, period: string): RankedScores | undefined {
    return this.boards.get(board)?.periods.get(period);
  }

  /** Frees the memory of a period that is settled. */
  forget(board: string, period: string): void {
    this.boards.get(board)?.periods.delete(period);
  }

  private take(message: StoredMessage): void {
    const [, kind, board = '', period = '', playerId = ''] = message.subject.split('.');
    const live = kind === 'score' ? this.boards.get(board) : undefined;
    const scores = live && scoresOfPeriod(live, period);
    if (!scores) return;
    try {
      const [units] = message.json<ScoreRecord>();
      if (!Number.isSafeInteger(units)) throw new TypeError('A score is not a whole number');
      scores.set(playerId, units);
    } catch (error) {
      this.log.error({ event: 'leaderboards.score-unreadable', subject: message.subject, err: error });
    }
  }

  private clear(): void {
    for (const { periods } of this.boards.values()) periods.clear();
  }
}

/** Undefined: it is an older period than those that are held. */
function scoresOfPeriod({ board, periods }: LiveBoard, period: string): RankedScores | undefined {
  const held = periods.get(period);
  if (held) return held;
  const names = [...periods.keys(), period].sort().slice(-mostPeriods);
  if (!names.includes(period)) return undefined;
  const opened = new RankedScores(board.order);
  periods.set(period, opened);
  for (const name of periods.keys()) if (!names.includes(name)) periods.delete(name);
  return opened;
}
