import { Module } from '@nestjs/common';
import { EdgeModule } from '@ccgame/edge';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { add, move } from './contracts.js';

@Module({
  imports: [
    ServerModule,
    RpcModule.forRoot({ coalesceWrites: true }),
    EdgeModule.forRoot({ handlers: [add, move] }),
  ],
})
export class ConnectorModule {}
