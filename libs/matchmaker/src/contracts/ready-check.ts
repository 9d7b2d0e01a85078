import { IsIn, IsInt, IsString } from 'class-validator';
import { clientHandler, IsName } from '@ccgame/rpc';
import type { CancelReason } from './matches.js';

/** `user_accept_match`, `user_decline_match` */
export class AnswerMatchDto {
  @IsName('matchId')
  matchId: string;
}

/** How far the ready-check of a match has come. */
export class ReadyCheck {
  /** `over`: it was too late, or somebody declined; a push says what became of it. */
  @IsIn(['waiting', 'complete', 'over'])
  outcome: 'waiting' | 'complete' | 'over';

  /** Players who have accepted. */
  @IsInt()
  accepted: number;

  @IsInt()
  players: number;
}

/** In a mode with a ready-check everybody has to accept a match before it stands. */
export const readyCheckHandlers = {
  accept: clientHandler({
    serverType: 'matching',
    handler: 'user_accept_match',
    payload: AnswerMatchDto,
    result: ReadyCheck,
    retryPolicy: 'safe',
  }),
  decline: clientHandler({
    serverType: 'matching',
    handler: 'user_decline_match',
    payload: AnswerMatchDto,
    result: ReadyCheck,
    retryPolicy: 'safe',
  }),
};

/** Pushed to each player of a match that has to be accepted, under the route `match.proposed`. */
export class MatchProposedPush {
  @IsString()
  matchId: string;

  @IsString()
  mode: string;

  /** How many have to accept. */
  @IsInt()
  players: number;

  /** Until when, epoch ms of the servers; and how long that is. */
  @IsInt()
  acceptUntilMs: number;

  @IsInt()
  acceptWithinMs: number;
}

/**
 * Pushed under the route `match.cancelled` to those of a match that did not come about who are in the queue again, with the
 * waiting time that they had. The others get `ticket.closed`.
 */
export class MatchCancelledPush {
  @IsString()
  matchId: string;

  @IsString()
  mode: string;

  @IsIn(['declined', 'not-accepted', 'no-game-server'])
  reason: CancelReason;
}
