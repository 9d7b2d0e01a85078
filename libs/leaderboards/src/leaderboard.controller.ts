import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { isName } from '@ccgame/config';
import { type BoardEntry, type Day, dayOf } from './boards.js';
import { GameErrors } from '@ccgame/protocol';
import { RpcError } from '@ccgame/rpc';
import { LeaderboardQueryDto } from './leaderboard-query.dto.js';
import { LiveBoards } from './live-boards.js';
import { SettledBoards } from './settled-boards.js';

interface LeaderboardView {
  board: string;
  day: Day;
  /** True when the day is closed and nothing changes any more. */
  isSettled: boolean;
  entries: BoardEntry[];
}

@ApiTags('players')
@Controller('v1/leaderboards')
export class LeaderboardController {
  constructor(
    private readonly live: LiveBoards,
    private readonly settled: SettledBoards,
  ) {}

  @Get(':board')
  @ApiOperation({ summary: 'The best players of a day' })
  @ApiQuery({ name: 'limit', required: false, type: Number, description: '1 to 1000; 100 when left out' })
  @ApiQuery({
    name: 'day',
    required: false,
    type: String,
    description: 'A past UTC day, 2026-11-24; today when left out',
  })
  async getBoard(
    @Param('board') board: string,
    @Query() { limit, day }: LeaderboardQueryDto,
  ): Promise<LeaderboardView> {
    if (!isName('board', board)) throw unknownBoard();
    if (day === undefined || day === dayOf(Date.now()))
      return { board, isSettled: false, ...this.live.top(board, limit) };
    const settled = await this.settled.get(board, day);
    if (!settled) throw unknownBoard();
    return { board, day, isSettled: true, entries: settled.entries.slice(0, limit) };
  }
}

function unknownBoard(): RpcError {
  return GameErrors.NOT_FOUND({
    details: { detail: 'There is no settled board of that name and day.' },
  });
}
