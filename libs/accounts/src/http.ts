import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsInt,
  IsNumber,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsName } from '@ccgame/rpc';

/** `POST /v1/login` */
export class LoginDto {
  /** Made by the client once and kept on the device; whoever knows it is this guest. */
  @IsString()
  @Length(8, 128)
  // UTF-8 has no lone surrogates: all would become one character, and devices one player.
  @Matches(/^\P{Surrogate}*$/u, { message: 'deviceId must be well-formed Unicode' })
  deviceId: string;
}

export class LoginResult {
  @IsString()
  playerId: string;

  /** Goes into the socket's handshake. */
  @IsString()
  token: string;

  @IsInt()
  expiresInSeconds: number;
}

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
