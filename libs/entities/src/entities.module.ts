import { type DynamicModule, Module } from '@nestjs/common';
import { NatsClock } from '@ccgame/jetstream';
import { Bindings, SessionsModule } from '@ccgame/sessions';
import { ServerModule } from '@ccgame/server';
import { markOf } from './contract/decorators.js';
import { EntityClient } from './call/entity-client.js';
import { ENTITIES_OPTIONS, type EntitiesOptions } from './host/entities-options.js';
import { entityControllerOf } from './host/entity-controller.js';
import { entityListControllerOf } from './host/entity-list.controller.js';
import { EntityHost } from './host/entity-host.js';
import { findRoomsControllerOf } from './host/find-rooms.controller.js';
import { moveControllerOf } from './host/move.controller.js';

/** Entities and rooms as a Nest module. */
@Module({})
export class EntitiesModule {
  /**
   * Has entities live on this server type. Import it once, in the root module.
   *
   * @param imports modules whose providers the entities' classes take in their constructors
   */
  static forRoot({
    imports = [],
    ...options
  }: EntitiesOptions & Pick<DynamicModule, 'imports'>): DynamicModule {
    const types = new Set(options.entities.map((entityClass) => markOf(entityClass).contract.serverType));
    return {
      module: EntitiesModule,
      imports: [ServerModule, SessionsModule, ...imports],
      controllers: [
        ...[...types].flatMap((serverType) => [
          moveControllerOf(serverType),
          entityListControllerOf(serverType),
          findRoomsControllerOf(serverType),
        ]),
        ...options.entities.map((entityClass) => entityControllerOf(entityClass)),
      ],
      providers: [
        { provide: ENTITIES_OPTIONS, useValue: options },
        NatsClock,
        Bindings,
        EntityHost,
        EntityClient,
      ],
      exports: [EntityClient],
    };
  }

  /** For servers that only call entities. */
  static forCallers(): DynamicModule {
    return { module: EntitiesModule, providers: [EntityClient], exports: [EntityClient] };
  }
}
