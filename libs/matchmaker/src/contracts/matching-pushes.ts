import { IsName } from '@ccgame/rpc';
import { Type } from 'class-transformer';
import { Equals, IsArray, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';

/** One team of a match. */
export class MatchedTeam {
  @IsArray()
  @IsName('playerId', { each: true })
  players: string[];
}

/** Pushed to each player of a match, under the route `matched`. */
export class MatchedPush {
  @IsString()
  matchId: string;

  @IsString()
  mode: string;

  @IsString()
  version: string;

  /** Where players join a running match, only those who come now. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => MatchedTeam)
  teams: MatchedTeam[];

  /** In a mode with roles, who plays which, by player. */
  @IsOptional()
  @IsObject()
  roles?: Record<string, string>;

  /** In a mode with latency limits, where it runs. */
  @IsOptional()
  @IsString()
  region?: string;

  /** The allocator's answer: where the match is played. */
  @IsOptional()
  allocation?: unknown;

  /** The match runs already. */
  @IsOptional()
  @Equals(true)
  isBackfill?: true;
}

/** Pushed to the others of a party when its leader queued for them, under the route `ticket.opened`. */
export class TicketOpenedPush {
  @IsString()
  ticketId: string;

  @IsString()
  mode: string;

  @IsArray()
  @IsName('playerId', { each: true })
  players: string[];
}

/** Pushed to a ticket's players when it left the queue without a match, under the route `ticket.closed`. */
export class TicketClosedPush {
  @IsString()
  ticketId: string;

  @IsString()
  mode: string;

  /** `cancelled`, `banned`, `disconnected`, `declined`, `not-accepted`, `expired`, `mode-gone`, `version-gone`. */
  @IsString()
  reason: string;

  /** The player whose doing it was, where it was one of them. */
  @IsOptional()
  @IsName('playerId')
  by?: string;
}
