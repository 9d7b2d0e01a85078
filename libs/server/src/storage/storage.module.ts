import { type DynamicModule, Module } from '@nestjs/common';
import type { StreamDeclaration } from '@ccgame/jetstream';
import { ServerModule } from '../server.module.js';
import { STORED_STREAMS, StorageKeeper } from './storage-keeper.js';

/** Makes the streams of a game, and makes them again when they are gone. */
@Module({ imports: [ServerModule], providers: [StorageKeeper] })
export class StorageModule {
  /** For the root module of the server type `storage`, which alone may make streams (decision 140). */
  static forRoot(streams: readonly StreamDeclaration[]): DynamicModule {
    return { module: StorageModule, providers: [{ provide: STORED_STREAMS, useValue: streams }] };
  }
}
