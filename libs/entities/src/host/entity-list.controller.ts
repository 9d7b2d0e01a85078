import { Controller, Inject, type Type } from '@nestjs/common';
import { ServerHandler } from '@ccgame/rpc';
import type { RoomOf } from '../live/entity-of.js';
import type { HeldEntity } from '../memory/held-entity.js';
import { EntityHost } from './entity-host.js';
import {
  type EntityList,
  ListEntitiesDto,
  type ListedEntity,
  listEntitiesHandler,
} from './entity-list.contract.js';
import { ageOf } from './entity-work.js';

/** A controller that tells an operator which entities this server has. */
export function entityListControllerOf(serverType: string): Type {
  @Controller()
  class EntityListController {
    constructor(@Inject(EntityHost) private readonly host: EntityHost) {}

    @ServerHandler(listEntitiesHandler(serverType))
    listEntities({ playerId, limit }: ListEntitiesDto): EntityList {
      const found = this.host
        .liveEntities()
        .filter((held) => playerId === undefined || membersOf(held).includes(playerId))
        .map(viewOf)
        .sort((a, b) => b.ageMs - a.ageMs);
      return { count: found.length, entities: found.slice(0, limit) };
    }
  }
  return EntityListController;
}

function membersOf({ isRoom, live }: HeldEntity): readonly string[] {
  return isRoom ? (live.instance as RoomOf).members : [];
}

function viewOf(held: HeldEntity): ListedEntity {
  const { id, isRoom, isStopped, kind } = held;
  return {
    name: kind.mark.contract.name,
    id,
    isRoom,
    members: membersOf(held).length,
    ageMs: Math.round(ageOf(held)),
    isStopped,
  };
}
