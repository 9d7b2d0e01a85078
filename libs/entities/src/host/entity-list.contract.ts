import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsBoolean,
  IsInt,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { type HandlerContract, IsName, serverHandler } from '@ccgame/rpc';

const mostListed = 1_000;

/** Which entities a server is to list. */
export class ListEntitiesDto {
  /** Only rooms that this player is a member of. */
  @IsOptional()
  @IsName('playerId')
  playerId?: string;

  @IsInt()
  @Min(0)
  @Max(mostListed)
  limit: number;
}

/** An entity or room in a server's memory. */
export class ListedEntity {
  /** The name in its declaration: `table` */
  @IsString() name: string;
  @IsString() id: string;
  @IsBoolean() isRoom: boolean;
  /** Members of a room; 0 of another entity. */
  @IsInt() members: number;
  /** For how long it has been going on: a room's own time, ms. */
  @IsInt() ageMs: number;
  /** Its tick kept failing. */
  @IsBoolean() isStopped: boolean;
}

/** The entities that one server owns, the oldest first. */
export class EntityList {
  /** All that fit, beyond the limit too. */
  @IsInt() count: number;

  @ValidateNested({ each: true })
  @Type(() => ListedEntity)
  @ArrayMaxSize(mostListed)
  entities: ListedEntity[];
}

/** The entities in the memory of each server of a type, the oldest first. No player reaches it. */
export function listEntitiesHandler(serverType: string): HandlerContract<ListEntitiesDto, EntityList> {
  return serverHandler({
    serverType,
    handler: 'list_entities',
    payload: ListEntitiesDto,
    result: EntityList,
  });
}
