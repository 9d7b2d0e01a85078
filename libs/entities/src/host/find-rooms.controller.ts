import { Controller, Inject, type Type } from '@nestjs/common';
import { ServerHandler } from '@ccgame/rpc';
import { EntityHost } from './entity-host.js';
import { findRooms } from './find-rooms.js';
import { type FindRoomsDto, findRoomsHandler, type FoundRooms } from './find-rooms.contract.js';

/** A controller that finds this server's rooms by their labels. */
export function findRoomsControllerOf(serverType: string): Type {
  @Controller()
  class FindRoomsController {
    constructor(@Inject(EntityHost) private readonly host: EntityHost) {}

    @ServerHandler(findRoomsHandler(serverType))
    findRooms(wanted: FindRoomsDto): FoundRooms {
      return { ...findRooms(this.host.liveEntities(), wanted), servers: this.host.serverCount };
    }
  }
  return FindRoomsController;
}
