import { IsName } from '@ccgame/rpc';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsInt,
  IsNumber,
  IsOptional,
  IsRFC3339,
  IsString,
  Min,
  ValidateNested,
} from 'class-validator';

/** A player on a board. */
export class BoardEntry {
  /** From 1; players of equal score share a rank. */
  @IsInt()
  @Min(1)
  rank: number;

  @IsName('playerId')
  playerId: string;

  @IsNumber()
  score: number;
}

/** A period of a board, as clients see it. */
export class PeriodView {
  /** Such as `20261128T000000Z`; `all` where the board is never reset. */
  @IsString()
  name: string;

  @IsOptional()
  @IsRFC3339()
  startsAt?: string;

  @IsOptional()
  @IsRFC3339()
  endsAt?: string;
}

/** A page of a board, as clients see it. */
export class BoardView {
  @IsName('board')
  board: string;

  @ValidateNested()
  @Type(() => PeriodView)
  period: PeriodView;

  /** True when the period is closed and nothing changes any more. */
  @IsBoolean()
  isSettled: boolean;

  /** How many players are on the board. */
  @IsInt()
  @Min(0)
  players: number;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BoardEntry)
  entries: BoardEntry[];
}

/** A player's place, with those around it. */
export class PlayerView extends BoardView {
  /** Undefined: the player isn't on the board. */
  @IsOptional()
  @ValidateNested()
  @Type(() => BoardEntry)
  player?: BoardEntry;
}
