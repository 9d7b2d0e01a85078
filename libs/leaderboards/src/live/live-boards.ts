import { type ExpectingMessage, NatsClock, type StoredMessage, StreamFollower } from '@ccgame/jetstream';
import { within } from '@ccgame/rpc/basics';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type Board, BOARDS } from '../boards/boards.js';
import type { Period } from '../boards/periods.js';
import { RankedScores } from '../ranking/ranked-scores.js';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import { readEnd, readPeriods, readScore } from '../store/read-records.js';
import { type CursorRecord, periodOf } from '../store/records.js';
import { scoresStream } from '../store/streams.js';

/** The newest period and the one before it, until it is settled: a board's memory doesn't grow with what a job left undone. */
const mostPeriods = 2;

interface HeldPeriod {
  scores: RankedScores;
  endsAt?: number;
}

interface LiveBoard {
  board: Board;
  periods: Map<string, HeldPeriod>;
  cursor?: Pick<CursorRecord, 'period' | 'endsAt' | 'before'>;
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
  private hasAll = false;
  private readonly waiting = new Set<() => void>();

  constructor(
    @Inject(BOARDS) boards: readonly Board[],
    private readonly store: LeaderboardStore,
    private readonly clock: NatsClock,
  ) {
    this.boards = new Map(
      boards.map((board) => [board.name, { board, periods: new Map<string, HeldPeriod>() }]),
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
      onCurrent: () => this.noteLoaded(),
    });
    void this.follower.caughtUp.then(() => {
      const ms = Math.round(performance.now() - startedAt);
      this.log.log({ event: 'leaderboards.loaded', players: this.players(), ms });
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.follower?.close();
  }

  /** Stores all of a board's messages or none, and shows them without reading them back. @returns as `LeaderboardStore.write` @throws NotStored */
  writeScores(messages: readonly ExpectingMessage[]): Promise<number> {
    const write = (): Promise<number> => this.store.write(messages);
    return this.follower ? this.follower.deliverOwn(messages, write) : write();
  }

  /** All scores are in memory: false at the start, and again where the stream was made anew, until they are read. */
  get isLoaded(): boolean {
    return this.hasAll;
  }

  /** Waits for {@link isLoaded}, ms at most: a server that just started, or came back to NATS, has them in a moment. @returns whether it is so */
  async untilLoaded(ms: number): Promise<boolean> {
    if (this.hasAll) return true;
    let noteLoaded = (): void => undefined;
    const loaded = new Promise<void>((resolve) => (noteLoaded = resolve));
    this.waiting.add(noteLoaded);
    await within(
      ms,
      () => loaded,
      () => undefined,
    );
    this.waiting.delete(noteLoaded);
    return this.hasAll;
  }

  boardNames(): string[] {
    return [...this.boards.keys()];
  }

  /** How many players are held, of all boards and periods. */
  players(board?: string): number {
    const boards = board === undefined ? [...this.boards.values()] : [this.boards.get(board)];
    const periods = boards.flatMap((one) => [...(one?.periods.values() ?? [])]);
    return periods.reduce((sum, { scores }) => sum + scores.size, 0);
  }

  /** The scores of a period, if they are in memory. */
  scores(board: string, period: string): RankedScores | undefined {
    return this.boards.get(board)?.periods.get(period)?.scores;
  }

  /** The periods whose ends are known, the newest first: the one that the board counts in comes before all others. */
  periods(board: string): Period[] {
    const { cursor, periods = new Map<string, HeldPeriod>() } = this.boards.get(board) ?? {};
    const counted = cursor ? [cursor, ...(cursor.before ? [cursor.before] : [])] : [];
    const held = [...periods].map(([period, { endsAt }]) => ({ period, endsAt }));
    return [...counted, ...held].map(periodOf);
  }

  /** Frees the memory of a period that is settled. */
  forget(board: string, period: string): void {
    this.boards.get(board)?.periods.delete(period);
  }

  private take(message: StoredMessage): void {
    const [, kind, board = '', period = '', playerId = ''] = message.subject.split('.');
    const live = this.boards.get(board);
    if (!live) return;
    if (kind === 'cursor') live.cursor = readPeriods(message) ?? live.cursor;
    else if (kind === 'period') takeEnd(live.periods.get(period), message);
    else takeScore(heldPeriod(live, period)?.scores, playerId, message);
  }

  private noteLoaded(): void {
    this.hasAll = true;
    for (const note of this.waiting) note();
  }

  private clear(): void {
    this.hasAll = false;
    for (const live of this.boards.values()) {
      live.periods.clear();
      live.cursor = undefined;
    }
  }
}

function takeScore(scores: RankedScores | undefined, playerId: string, message: StoredMessage): void {
  const record = scores && readScore(message);
  if (record) scores.set(playerId, record[0]);
}

/** It is written after the scores of the period. An end that was known stays where what stands in its place is none. */
function takeEnd(held: HeldPeriod | undefined, message: StoredMessage): void {
  if (held) held.endsAt = readEnd(message) ?? held.endsAt;
}

/** Undefined: it is an older period than those that are held. */
function heldPeriod({ board, periods }: LiveBoard, period: string): HeldPeriod | undefined {
  const held = periods.get(period);
  if (held) return held;
  const names = [...periods.keys(), period].sort().slice(-mostPeriods);
  if (!names.includes(period)) return undefined;
  const opened = { scores: new RankedScores(board.order) };
  periods.set(period, opened);
  for (const name of periods.keys()) if (!names.includes(name)) periods.delete(name);
  return opened;
}
