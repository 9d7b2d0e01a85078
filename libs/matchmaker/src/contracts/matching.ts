import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
} from 'class-validator';
import { clientHandler, IsName } from '@ccgame/rpc';
import { largestTeam } from '../pool/rules/mode.js';
import type { Attributes, TicketState } from './matches.js';

const ticketStates: TicketState[] = ['open', 'proposed', 'matched', 'cancelled', 'declined', 'expired'];

/** `user_join_matching` */
export class JoinMatchingDto {
  @IsName('mode')
  mode: string;

  /** The values that the mode asks for: region, skill, roles, … */
  @IsOptional()
  @IsObject()
  attributes?: Attributes;

  /** For each player of the party, the leader first, the roles that the player could play. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(largestTeam)
  roles?: string[][];

  /** By region of game servers, the worst of the players, ms. */
  @IsOptional()
  @IsObject()
  latencyMs?: Record<string, number>;

  /** The other players of the party, who have joined it (`user_join_party`); the one who queues leads it. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(largestTeam)
  @IsString({ each: true })
  party?: string[];

  /** The same one joins once, however often it is sent. Left out: the message's own id in its session. */
  @IsOptional()
  @IsName('requestId')
  requestId?: string;
}

/** A ticket, as its players see it. */
export class TicketView {
  @IsString()
  ticketId: string;

  @IsString()
  mode: string;

  @IsInt()
  waitingSinceMs: number;
}

/** The outcome of the wish to leave. */
export class LeftMatching {
  /** `matched`: it was too late. */
  @IsIn(['left', 'not-waiting', 'matched'])
  outcome: 'left' | 'not-waiting' | 'matched';
}

/** `user_cancel_ticket` */
export class CancelTicketDto {
  @IsName('ticketId')
  ticketId: string;
}

/** A ticket with its state, for a client that comes back. */
export class TicketStatus extends TicketView {
  @IsIn(ticketStates)
  state: TicketState;

  /** The leader first. */
  @IsString({ each: true })
  players: string[];

  @IsOptional()
  @IsString()
  matchId?: string;

  /** Why it was closed. */
  @IsOptional()
  @IsString()
  reason?: string;

  /** For an open ticket: how many wait in its partition with it, and its place among them by age, from 1. */
  @IsOptional()
  @IsInt()
  waiting?: number;

  @IsOptional()
  @IsInt()
  position?: number;

  /** How much longer it will wait if things go on as in the last minutes; left out where nothing is known. */
  @IsOptional()
  @IsNumber()
  estimatedWaitMs?: number;
}

/** The handlers of matching for one player alone. */
export const matchingHandlers = {
  join: clientHandler({
    serverType: 'matching',
    handler: 'user_join_matching',
    payload: JoinMatchingDto,
    result: TicketView,
    retryPolicy: 'once',
    knowsRepeats: true,
    // A player’s joins are taken in the order in which they were sent.
    ordered: true,
  }),
  leave: clientHandler({
    serverType: 'matching',
    handler: 'user_leave_matching',
    result: LeftMatching,
    retryPolicy: 'safe',
  }),
  cancel: clientHandler({
    serverType: 'matching',
    handler: 'user_cancel_ticket',
    payload: CancelTicketDto,
    result: LeftMatching,
    retryPolicy: 'safe',
  }),
  /** Answers for the player's newest ticket. */
  status: clientHandler({
    serverType: 'matching',
    handler: 'user_matching_status',
    result: TicketStatus,
    retryPolicy: 'safe',
  }),
};
