import { Module } from '@nestjs/common';
import { EdgeModule, type SocketSession, targetOfRoute } from '@ccgame/edge';
import type { GatewayMessageDto } from '@ccgame/protocol';
import { RpcModule, type Target } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { TokensModule } from '@ccgame/sessions';
import { edge } from '#game/edge.js';
import { ChatGateway } from './chat.gateway.js';
import { GreetPlayers } from './greet-players.js';
import { LobbyController, lobbyHandlers } from './lobby.controller.js';

/** The route `home` leads where the session's own data says. */
function route(message: GatewayMessageDto, session: SocketSession): Target<string> {
  if (message.route !== 'home') return targetOfRoute(message);
  return { scope: 'client', serverType: 'matching', handler: String(session.get('home')) };
}

@Module({ providers: [ChatGateway, GreetPlayers], controllers: [LobbyController] })
class ChatModule {}

@Module({
  imports: [
    ServerModule,
    RpcModule.forRoot({ coalesceWrites: true, timeoutMs: 2_000 }),
    TokensModule.forRoot(),
    EdgeModule.forRoot({
      ...edge,
      handlers: [...edge.handlers, ...Object.values(lobbyHandlers)],
      routeLimits: { 'connector.limited': { perSecond: 0.001, burst: 2 } },
      route,
      hooks: [GreetPlayers],
      chat: ['chat', 'matching.never_again'],
    }),
    ChatModule,
  ],
})
export class ConnectorModule {}
