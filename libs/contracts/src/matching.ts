import { IsIn, IsInt, IsString, Matches } from 'class-validator';
import { clientHandler } from '#rpc';

/** `user_join_matching` */
export class JoinMatchingDto {
  @IsString()
  @Matches(/^[a-z][a-z0-9-]{0,31}$/)
  mode: string;
}

export class TicketView {
  @IsString()
  ticketId: string;

  @IsString()
  mode: string;

  @IsInt()
  waitingSinceMs: number;
}

export class LeftMatching {
  @IsIn(['left', 'not-waiting'])
  outcome: 'left' | 'not-waiting';
}

export const matchingHandlers = {
  join: clientHandler({
    serverType: 'matching',
    handler: 'user_join_matching',
    payload: JoinMatchingDto,
    result: TicketView,
    resend: 'once',
  }),
  leave: clientHandler({
    serverType: 'matching',
    handler: 'user_leave_matching',
    result: LeftMatching,
    resend: 'safe',
  }),
};

/** Pushed to each player of a match, under the route `matched`. */
export interface MatchedPush {
  matchId: string;
  mode: string;
  version: string;
  teams: Array<{ players: string[] }>;
}
