import { IsArray, IsIn, IsInt, IsNumber, IsOptional, IsString, Max, Min } from 'class-validator';
import { entity } from '@ccgame/entities';
import type { PushesOf } from '@ccgame/rpc';
import type { Disc, Point } from './rules.js';

/** The room that is meant; left out: the one in which the player is. */
export class RoomDto {
  @IsOptional() @IsString() roomId?: string;
}

/** Where a player's disc is to be driven: right and down are positive, 1 is full speed. It is driven there until told otherwise. */
export class SteerDto extends RoomDto {
  @IsNumber() @Min(-1) @Max(1) x: number;
  @IsNumber() @Min(-1) @Max(1) y: number;
}

/** The answer to {@link steer}. */
export class Steered {
  /** The tick in which it was applied. */
  @IsInt() tick: number;
  /** The player's inputs that were applied by then. */
  @IsInt() inputs: number;
}

/** The room as its players see it, 20 times a second. */
export class ArenaView {
  @IsString() roomId: string;
  @IsInt() tick: number;
  /** The rules' name: two versions may have different ones. */
  @IsString() rule: string;
  @IsIn(['playing', 'over']) phase: 'playing' | 'over';
  @IsInt() secondsLeft: number;
  @IsArray() discs: Disc[];
  @IsArray() gems: Point[];
}

/** The argument of the room's creation. */
export interface ArenaInit {
  /** One to four; bots have the other discs. */
  players: string[];
}

/** The room, by the name under which servers and players call it. */
export const arena = entity({ serverType: 'arena', name: 'arena' });
/** Drives the caller's disc; without a room id, in the room that the player is in. */
export const steer = arena.clientHandler('steer', {
  payload: SteerDto,
  result: Steered,
  id: 'roomId',
  idOptional: true,
});
/** The whole field at this moment, without becoming a member. */
export const watch = arena.clientHandler('watch', {
  payload: RoomDto,
  result: ArenaView,
  id: 'roomId',
  idOptional: true,
  input: 'query',
});

/** Players ask for the room's view by it, as the SDK does by itself. */
export const see = arena.viewHandler();

/** The handlers that players may call, for `clientHandlers` of a game. */
export const arenaHandlers = { steer, watch, see };

/** The pushes of the arena, for `pushes` of a game. */
export const arenaPushes = { 'arena.over': ArenaView };

/** The pushes of the arena as types, by route. */
export type ArenaPushes = PushesOf<typeof arenaPushes>;

/** The rooms that a client follows, for `Game` of a game. */
export interface ArenaRooms {
  'arena.arena': ArenaView;
}
