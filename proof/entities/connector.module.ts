import { Module } from '@nestjs/common';
import { EdgeModule } from '@ccgame/edge';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { TokensModule } from '@ccgame/sessions';
import { add, move, see } from './contracts.js';
import { seeFog, walk } from './fog-contracts.js';

@Module({
  imports: [
    ServerModule,
    RpcModule.forRoot({ coalesceWrites: true }),
    TokensModule.forRoot(),
    EdgeModule.forRoot({ handlers: [add, move, see, walk, seeFog] }),
  ],
})
export class ConnectorModule {}
