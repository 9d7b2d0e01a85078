import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsNumber, Max, Min, ValidateNested } from 'class-validator';
import { IsName } from '@ccgame/rpc';

export class PlayerScoreDto {
  @IsName('playerId')
  playerId: string;

  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(-1e9)
  @Max(1e9)
  score: number;
}

/** `POST /v1/matches/:id/result` */
export class MatchResultDto {
  @ValidateNested({ each: true })
  @Type(() => PlayerScoreDto)
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  scores: PlayerScoreDto[];
}
