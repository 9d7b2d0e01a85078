import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
} from 'class-validator';
import { clientHandler, IsName, serverHandler } from '@ccgame/rpc';
import { largestTeam } from '../pool/rules/mode.js';
import type { Attributes } from './matches.js';
import { TicketView } from './matching.js';

/** `user_join_party` */
export class JoinPartyDto {
  /** The player whose joins may name the caller in their `party`. */
  @IsString()
  leader: string;
}

/** The party that a player has joined. */
export class PartyMembership {
  @IsString()
  leader: string;

  /** How long it holds, ms; each join of the leader begins that anew. */
  @IsInt()
  forMs: number;
}

/** `open_ticket` */
export class OpenTicketDto {
  @IsName('mode')
  mode: string;

  /** The leader first. The caller answers for it that they want to play together. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(largestTeam)
  @IsString({ each: true })
  players: string[];

  /** All that the mode declares, the attributes that players may not set included. */
  @IsOptional()
  @IsObject()
  attributes?: Attributes;

  /** For each of `players` the roles that the player could take. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(largestTeam)
  roles?: string[][];

  /** By region of game servers, the worst of the players, ms. */
  @IsOptional()
  @IsObject()
  latencyMs?: Record<string, number>;

  /** The same one opens one ticket, however often it is sent. */
  @IsOptional()
  @IsName('requestId')
  requestId?: string;

  /** Whether the ticket leaves when a player has no connection for long; true when left out. */
  @IsOptional()
  @IsBoolean()
  endsWhenAway?: boolean;
}

/** A player is queued by another one only as a member of that one's party, and a party is joined by the player alone. */
export const partyHandlers = {
  join: clientHandler({
    serverType: 'matching',
    handler: 'user_join_party',
    payload: JoinPartyDto,
    result: PartyMembership,
    retryPolicy: 'safe',
  }),
  /** Also takes the player out of the queue where the leader of the party queued for both. */
  leave: clientHandler({
    serverType: 'matching',
    handler: 'user_leave_party',
    retryPolicy: 'safe',
  }),
};

/** Handlers for servers of the game that act for players, such as one that keeps parties itself. No player reaches them. */
export const ticketHandlers = {
  open: serverHandler({
    serverType: 'matching',
    handler: 'open_ticket',
    payload: OpenTicketDto,
    result: TicketView,
  }),
};
