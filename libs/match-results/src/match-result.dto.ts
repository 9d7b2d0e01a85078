import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsBoolean,
  IsNumber,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsName } from '@ccgame/rpc';

/** One player's score in a match. */
export class PlayerScoreDto {
  @ApiProperty({ example: 'anna' })
  @IsName('playerId')
  playerId: string;

  @ApiProperty({ example: 3 })
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(-1e9)
  @Max(1e9)
  score: number;
}

/** `POST /v1/matches/:id/result` */
export class MatchResultDto {
  @ApiProperty({ type: [PlayerScoreDto] })
  @ValidateNested({ each: true })
  @Type(() => PlayerScoreDto)
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  scores: PlayerScoreDto[];
}

/** The result of a match as it is stored. */
export class MatchResult {
  @IsName('matchId')
  matchId: string;

  @IsString()
  mode: string;

  @IsString()
  version: string;

  @ValidateNested({ each: true })
  @Type(() => PlayerScoreDto)
  @ArrayMinSize(1)
  scores: PlayerScoreDto[];

  /** It had been reported before. */
  @IsBoolean()
  isRepeated: boolean;
}
