import { GameErrors } from '@ccgame/protocol';
import { TokenVerifier } from '@ccgame/sessions';
import { Controller, Get, Headers, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { isName } from '@ccgame/config';
import type { BoardView, PlayerView } from '../views/board-view.js';
import { Leaderboards } from '../views/leaderboards.js';
import { BoardQueryDto, PlayerQueryDto } from './board-query.dto.js';

const periodQuery = {
  name: 'period',
  required: false,
  type: String,
  description: "`current`, `previous` or a period's name, 20261128T000000Z; the current one when left out",
};
const aroundQuery = {
  name: 'around',
  required: false,
  type: Number,
  description: 'How many players before and after: 0 to 50; 0 when left out',
};

@ApiTags('players')
@Controller('v1/leaderboards/:board')
export class LeaderboardsController {
  constructor(
    private readonly leaderboards: Leaderboards,
    private readonly tokens: TokenVerifier,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The best players of a period' })
  @ApiQuery({ name: 'limit', required: false, type: Number, description: '1 to 200; 100 when left out' })
  @ApiQuery({
    name: 'offset',
    required: false,
    type: Number,
    description: 'How many are left out at the top',
  })
  @ApiQuery(periodQuery)
  top(@Param('board') board: string, @Query() query: BoardQueryDto): Promise<BoardView> {
    return this.leaderboards.top(board, query);
  }

  @Get('me')
  @ApiBearerAuth()
  @ApiOperation({ summary: "The player's own place, by the token of the login" })
  @ApiQuery(aroundQuery)
  @ApiQuery(periodQuery)
  async me(
    @Param('board') board: string,
    @Headers('authorization') authorization: string | undefined,
    @Query() query: PlayerQueryDto,
  ): Promise<PlayerView> {
    const [, token] = /^bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    if (token === undefined)
      throw GameErrors.UNAUTHENTICATED({ details: { detail: 'Send Authorization: Bearer <token>.' } });
    const { playerId } = await this.tokens.verify(token);
    return this.leaderboards.player(board, playerId, query);
  }

  @Get('players/:playerId')
  @ApiOperation({ summary: "A player's place, and the players around it" })
  @ApiQuery(aroundQuery)
  @ApiQuery(periodQuery)
  async player(
    @Param('board') board: string,
    @Param('playerId') playerId: string,
    @Query() query: PlayerQueryDto,
  ): Promise<PlayerView> {
    const view = isName('playerId', playerId)
      ? await this.leaderboards.player(board, playerId, query)
      : undefined;
    if (view?.player) return view;
    throw GameErrors.NOT_FOUND({ details: { detail: 'The player is not on the board.' } });
  }
}
