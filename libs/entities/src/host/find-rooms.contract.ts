import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { type HandlerContract, serverHandler } from '@ccgame/rpc';
import type { RoomLabels } from '../live/entity-of.js';

/** Rooms that one page gives at most. */
export const mostFound = 100;

/** The rooms that are looked for. */
export class FindRoomsDto {
  /** The name in the room's declaration: `table` */
  @IsString() name: string;

  /** Those whose labels have all of these. */
  @IsOptional()
  @IsObject()
  labels?: RoomLabels;

  /** Those alone that take one more member. */
  @IsOptional()
  @IsBoolean()
  hasSeats?: boolean;

  /** The id after which the page begins. */
  @IsOptional()
  @IsString()
  after?: string;

  @IsInt()
  @Min(1)
  @Max(mostFound)
  limit: number;
}

/** A room that fits a search, as its owner sees it. */
export class FoundRoom {
  @IsString() id: string;
  /** The version in which it lives. */
  @IsString() version: string;
  @IsInt() members: number;
  /** Left out: it takes any number. */
  @IsOptional()
  @IsInt()
  capacity?: number;
  @IsObject() labels: RoomLabels;
}

/** A page of rooms, by their ids. */
export class FoundRooms {
  @ValidateNested({ each: true })
  @Type(() => FoundRoom)
  @ArrayMaxSize(mostFound)
  rooms: FoundRoom[];

  /** How many servers of the type there are, as far as the one that answers knows; left out by one that has just started. */
  @IsOptional()
  @IsInt()
  servers?: number;

  /** Servers that answered with an error: rooms of theirs are missing. Left out: none did. */
  @IsOptional()
  @IsInt()
  failed?: number;

  /** The next page comes after this; left out: there is none. */
  @IsOptional()
  @IsString()
  next?: string;
}

/** The rooms of each server of a type that have labels and fit. Servers alone ask, by `EntityClient.find`. */
export function findRoomsHandler(serverType: string): HandlerContract<FindRoomsDto, FoundRooms> {
  return serverHandler({ serverType, handler: 'find_rooms', payload: FindRoomsDto, result: FoundRooms });
}
