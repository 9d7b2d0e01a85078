import { Module } from '@nestjs/common';
import { EdgeModule } from '@ccgame/edge';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { TokensModule } from '@ccgame/sessions';
import { edge } from '#game/edge.js';
import { ChatGateway } from './chat.gateway.js';
import { GreetPlayers } from './greet-players.js';

@Module({ providers: [ChatGateway, GreetPlayers] })
class ChatModule {}

@Module({
  imports: [
    ServerModule,
    RpcModule.forRoot({ coalesceWrites: true }),
    TokensModule.forRoot(),
    EdgeModule.forRoot({ ...edge, hooks: [GreetPlayers], chat: ['chat', 'matching.never_again'] }),
    ChatModule,
  ],
})
export class ConnectorModule {}
