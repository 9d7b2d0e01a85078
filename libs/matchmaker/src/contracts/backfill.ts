import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsName, serverHandler } from '@ccgame/rpc';
import { largestNumber } from '../pool/rules/mode.js';

const mostPlaces = 200;

/** A role that a team of a running match lacks. */
export class LackingRole {
  /** As an index into the match's teams. */
  @IsInt()
  @Min(0)
  team: number;

  @IsString()
  role: string;
}

/** A handler that is told who comes, with a {@link BackfilledPlayers}: of that server, or of another one of its type where it stays away. */
export class BackfillNotify {
  @IsName('serverId')
  serverId: string;

  @IsName('handler')
  handler: string;
}

/** `request_backfill` */
export class RequestBackfillDto {
  @IsName('matchId')
  matchId: string;

  /** The team of each free place, as an index into the match's teams: `[0, 0, 1]` is two in the first, one in the second. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(mostPlaces)
  @IsInt({ each: true })
  places: number[];

  /** The mean of those who play; needed in a mode with skill. */
  @IsOptional()
  @IsNumber()
  @Min(-largestNumber)
  @Max(largestNumber)
  skill?: number;

  /** Roles that a team lacks: as many of its places are kept for players of them. */
  @IsOptional()
  @ArrayMaxSize(mostPlaces)
  @ValidateNested({ each: true })
  @Type(() => LackingRole)
  lacks?: LackingRole[];

  @IsOptional()
  @ValidateNested()
  @Type(() => BackfillNotify)
  notify?: BackfillNotify;

  /** The request ends by itself after this, ms; asking again renews it. 120 s when left out. */
  @IsOptional()
  @IsInt()
  @Min(5_000)
  @Max(600_000)
  forMs?: number;
}

/** `cancel_backfill`, `backfill_status` */
export class BackfillOfDto {
  @IsName('matchId')
  matchId: string;
}

/** How far a backfill has come. */
export class BackfillStatus {
  /** `over`: it was cancelled, or its time is up. */
  @IsIn(['open', 'filled', 'over'])
  state: 'open' | 'filled' | 'over';

  /** Places that are free still. */
  @IsInt({ each: true })
  places: number[];

  /** The last who came since the match began, by team: at most 200 of each, and 4,000 of all. */
  @IsArray()
  joined: string[][];
}

/** The payload with which the handler of `notify` is called; again, until it answers without an error. */
export interface BackfilledPlayers {
  matchId: string;
  /** Only those who come now. */
  teams: Array<{ players: string[] }>;
  /** In a mode with roles, who plays which, by player. */
  roles?: Record<string, string>;
}

/** Handlers for running matches, in a mode with `backfill`. No player reaches these. */
export const backfillHandlers = {
  /** Asks for players; a newer request of the match replaces an older one. */
  request: serverHandler({
    serverType: 'matching',
    handler: 'request_backfill',
    payload: RequestBackfillDto,
    result: BackfillStatus,
  }),
  cancel: serverHandler({
    serverType: 'matching',
    handler: 'cancel_backfill',
    payload: BackfillOfDto,
    result: BackfillStatus,
  }),
  status: serverHandler({
    serverType: 'matching',
    handler: 'backfill_status',
    payload: BackfillOfDto,
    result: BackfillStatus,
  }),
};
