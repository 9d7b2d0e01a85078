import { Module } from '@nestjs/common';
import { RpcModule } from '@ccgame/rpc';
import { StorageModule } from '@ccgame/server';
import { storage } from '#game/storage.js';

/** The server type `storage`, which makes the streams and buckets of all others. */
@Module({ imports: [RpcModule.forRoot(), StorageModule.forRoot(storage)] })
export class StorageServerModule {}
