import { NatsClock, NotRead } from '@ccgame/jetstream';
import { GameErrors } from '@ccgame/protocol';
import { RpcError } from '@ccgame/rpc';
import { Inject, Injectable } from '@nestjs/common';
import { type Board, boardNamed, BOARDS } from '../boards/boards.js';
import { type Period, startOf } from '../boards/periods.js';
import { LiveBoards } from '../live/live-boards.js';
import { Archive } from '../settlement/archive.js';
import type { BoardView, PeriodView, PlayerView } from '@ccgame/protocol';
import { LivePeriod } from './live-period.js';
import type { PeriodReader } from './period-reader.js';
import { SettledPeriod } from './settled-period.js';

const retryAfterMs = 1_000;
/** How long a question waits for boards that are being loaded, ms: it still has time for its way back. */
const loadingMs = 3_000;

/** The questions of players to the boards. A question costs the same for ten players and for a million. */
@Injectable()
export class Leaderboards {
  constructor(
    @Inject(BOARDS) private readonly boards: readonly Board[],
    private readonly live: LiveBoards,
    private readonly clock: NatsClock,
    private readonly archive: Archive,
  ) {}

  /**
   * The players from a position on, the best first.
   *
   * @param period a period's name, `current` or `previous`
   * @throws RpcError NOT_FOUND; BUSY where the scores are not loaded within 3 s, or NATS is away
   */
  async top(name: string, { offset = 0, limit = 100, period = 'current' } = {}): Promise<BoardView> {
    const { board, found, reader } = await this.open(name, period);
    const entries = await reader.entries(offset, limit).catch(refuse);
    return viewOf(board, found, reader, entries);
  }

  /**
   * A player's place, and up to `around` players before and after it.
   *
   * @throws as {@link top}
   */
  async player(name: string, playerId: string, { around = 0, period = 'current' } = {}): Promise<PlayerView> {
    const { board, found, reader } = await this.open(name, period);
    const player = await reader.player(playerId).catch(refuse);
    if (!player) return viewOf(board, found, reader, []);
    const first = Math.max(0, player.position - around);
    const count = player.position - first + 1 + around;
    const entries = around === 0 ? [player.entry] : await reader.entries(first, count).catch(refuse);
    return { ...viewOf(board, found, reader, entries), player: player.entry };
  }

  private async open(
    name: string,
    wanted: string,
  ): Promise<{ board: Board; found: Period; reader: PeriodReader }> {
    const board = boardNamed(this.boards, name);
    const known = this.live.periods(name);
    const current = board.periods.at(this.clock.now(), known[0]);
    const found = foundPeriod(board, current, known, wanted);
    if (!found || found.startsAt > current.startsAt) throw unknownPeriod();
    const settled = found.name < current.name ? await this.settled(board, found.name) : undefined;
    if (settled) return { board, found: settled.period, reader: settled };
    if (!this.live.isLoaded) {
      if (!(await this.live.untilLoaded(loadingMs))) throw busy('The leaderboards are being loaded.');
      // Which period runs is part of what was loaded.
      return this.open(name, wanted);
    }
    const scores = this.live.scores(name, found.name);
    if (!scores && found.name !== current.name) throw unknownPeriod();
    return { board, found, reader: new LivePeriod(board, scores) };
  }

  private async settled(board: Board, period: string): Promise<SettledPeriod | undefined> {
    const head = await this.archive.head(board, period).catch(refuse);
    if (!head) return undefined;
    this.live.forget(board.name, period);
    return new SettledPeriod(this.archive, board, period, head);
  }
}

/** @param known the newest first */
function foundPeriod(
  board: Board,
  current: Period,
  known: readonly Period[],
  wanted: string,
): Period | undefined {
  if (wanted === 'current' || wanted === current.name) return current;
  if (wanted === 'previous')
    return known.find(({ endsAt }) => endsAt === current.startsAt) ?? board.periods.before(current);
  const startsAt = startOf(wanted);
  return (
    known.find(({ name }) => name === wanted) ??
    (startsAt === undefined ? undefined : { name: wanted, startsAt })
  );
}

function viewOf(
  { name }: Board,
  period: Period,
  reader: PeriodReader,
  entries: BoardView['entries'],
): BoardView {
  const { isSettled, players } = reader;
  return { board: name, period: periodView(period), isSettled, players, entries };
}

function periodView({ name, startsAt, endsAt }: Period): PeriodView {
  if (endsAt === undefined) return { name };
  return { name, startsAt: new Date(startsAt).toISOString(), endsAt: new Date(endsAt).toISOString() };
}

function unknownPeriod(): RpcError {
  return GameErrors.NOT_FOUND({
    details: { detail: 'The board has no such period, or it is too long ago.' },
  });
}

function busy(detail: string, cause?: unknown): RpcError {
  return new RpcError('BUSY', { retryAfterMs, details: { detail }, cause });
}

function refuse(error: unknown): never {
  if (error instanceof NotRead) throw busy('What is stored can not be read right now.', error);
  throw error;
}
