import { Module } from '@nestjs/common';
import { EdgeModule } from '@ccgame/edge';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { edge } from '#game/edge.js';

@Module({ imports: [ServerModule, RpcModule.forRoot({ coalesceWrites: true }), EdgeModule.forRoot(edge)] })
export class ConnectorModule {}
