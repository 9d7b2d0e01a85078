import { BoardView, GameErrors, PlayerView } from '@ccgame/protocol';
import { TokenVerifier } from '@ccgame/sessions';
import { Controller, Get, Headers, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { isName } from '@ccgame/config';
import { AnswersErrors, ApiNameParam, bearerOf } from '@ccgame/http';
import { Leaderboards } from '../views/leaderboards.js';
import { BoardQueryDto, PlayerQueryDto } from './board-query.dto.js';

/** `/v1/leaderboards`: pages of a board, and a player's place. */
@ApiTags('players')
@ApiNameParam('board', 'board', 'weekly')
@AnswersErrors('NOT_FOUND')
@Controller('v1/leaderboards/:board')
export class LeaderboardsController {
  constructor(
    private readonly leaderboards: Leaderboards,
    private readonly tokens: TokenVerifier,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The best players of a period' })
  @ApiOkResponse({ type: BoardView })
  top(@Param('board') board: string, @Query() query: BoardQueryDto): Promise<BoardView> {
    return this.leaderboards.top(board, query);
  }

  @Get('me')
  @ApiBearerAuth('player')
  @ApiOperation({ summary: "The player's own place, by the token of the login" })
  @ApiOkResponse({ type: PlayerView })
  async me(
    @Param('board') board: string,
    @Headers('authorization') authorization: string | undefined,
    @Query() query: PlayerQueryDto,
  ): Promise<PlayerView> {
    const token = bearerOf(authorization);
    if (token === '')
      throw GameErrors.UNAUTHENTICATED({ details: { detail: 'Send Authorization: Bearer <token>.' } });
    const { playerId } = await this.tokens.verify(token);
    return this.leaderboards.player(board, playerId, query);
  }

  @Get('players/:playerId')
  @ApiOperation({ summary: "A player's place, and the players around it" })
  @ApiNameParam('playerId', 'playerId', 'anna')
  @ApiOkResponse({ type: PlayerView })
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
