import { Body, Controller, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { isName } from '@ccgame/config';
import { GameErrors } from '@ccgame/protocol';
import {
  AnswersErrors,
  ApiNameParam,
  LimitBy,
  RateLimitGuard,
  Repeatable,
  ServerKeyGuard,
} from '@ccgame/http';
import { MatchResult, MatchResultDto } from './match-result.dto.js';
import { MatchResults } from './match-results.js';

/** `POST /v1/matches/:id/result`: a game server reports the scores of a match. */
@ApiTags('game servers')
@ApiBearerAuth('serverKey')
@UseGuards(RateLimitGuard, ServerKeyGuard)
@LimitBy('resultsOfKey', 'wrongKeysOfAddress')
@Controller('v1/matches')
export class MatchResultController {
  constructor(private readonly results: MatchResults) {}

  /** The same result may be reported again and again: it is stored once. */
  @Post(':id/result')
  @Repeatable()
  @HttpCode(200)
  @ApiOperation({ summary: 'Reports the result of a match, once' })
  @ApiNameParam('id', 'matchId', '5f0c1e7a-3c6c-4d0c-9a53-1f6f0f9a7f10')
  @ApiOkResponse({ type: MatchResult })
  @AnswersErrors('NOT_FOUND', 'CONFLICT')
  async reportResult(@Param('id') matchId: string, @Body() { scores }: MatchResultDto): Promise<MatchResult> {
    if (!isName('matchId', matchId))
      throw GameErrors.NOT_FOUND({ details: { detail: 'There is no such match.' } });
    return this.results.storeResult(matchId, scores);
  }
}
