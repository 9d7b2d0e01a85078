import { Module } from '@nestjs/common';
import { EdgeModule, type SocketSession, targetOfRoute } from '@ccgame/edge';
import type { GatewayMessageDto } from '@ccgame/protocol';
import { RpcModule, type Target } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { TokensModule } from '@ccgame/sessions';
import { edge } from '#game/edge.js';
import { ChatGateway } from './chat.gateway.js';
import { GreetPlayers } from './greet-players.js';

/** The route `home` leads where the session's own data says. */
function route(message: GatewayMessageDto, session: SocketSession): Target<string> {
  if (message.route !== 'home') return targetOfRoute(message);
  return { scope: 'client', serverType: 'matching', handler: String(session.get('home')) };
}

@Module({ providers: [ChatGateway, GreetPlayers] })
class ChatModule {}

@Module({
  imports: [
    ServerModule,
    RpcModule.forRoot({ coalesceWrites: true }),
    TokensModule.forRoot(),
    EdgeModule.forRoot({ ...edge, route, hooks: [GreetPlayers], chat: ['chat', 'matching.never_again'] }),
    ChatModule,
  ],
})
export class ConnectorModule {}
