import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsNumber,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsName } from '@ccgame/rpc';

/** The score of one player. */
export class RoomScore {
  @IsName('playerId')
  playerId: string;

  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(-1e9)
  @Max(1e9)
  score: number;
}

/** The scores of a round, which count together. */
export class RoomResult {
  /** The boards of this topic count it. */
  @IsName('board')
  topic: string;

  /** One a player. */
  @ValidateNested({ each: true })
  @Type(() => RoomScore)
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  scores: RoomScore[];

  /** Kept with it, JSON; all of it in 16 KiB. */
  @IsOptional()
  @IsObject()
  about?: Record<string, unknown>;
}
