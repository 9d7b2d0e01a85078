import { Module } from '@nestjs/common';
import { EdgeModule } from '@ccgame/edge';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { TokensModule } from '@ccgame/sessions';
import { tokens } from '#game/accounts.js';
import { ConnectorController } from '#game/connector/connector.controller.js';
import { edge } from '#game/edge.js';

/** The server type `connector`: the players' sockets, with the options of game/. */
@Module({
  imports: [
    ServerModule,
    RpcModule.forRoot({ coalesceWrites: true }),
    TokensModule.forRoot(tokens),
    EdgeModule.forRoot(edge),
  ],
  controllers: [ConnectorController],
})
export class ConnectorModule {}
