import { Module } from '@nestjs/common';
import { EdgeModule, type KnownServers, type SocketSession, targetOfRoute } from '@ccgame/edge';
import type { GatewayMessageDto } from '@ccgame/protocol';
import { RpcError, RpcModule, type Target } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { TokensModule } from '@ccgame/sessions';
import { edge } from '#game/edge.js';
import { ChatGateway } from './chat.gateway.js';
import { GreetPlayers } from './greet-players.js';
import { LobbyController, lobbyHandlers } from './lobby.controller.js';

/** The route `home` leads where the session's own data says, and `idlest` to the server that has the least to do. */
function route(
  message: GatewayMessageDto,
  session: SocketSession,
  servers: KnownServers,
): Target<string> | Promise<Target<string>> {
  if (message.route === 'idlest') return idlestOf(servers, session.version);
  if (message.route !== 'home') return targetOfRoute(message, session);
  return { scope: 'client', serverType: 'matching', handler: String(session.get('home')) };
}

async function idlestOf(servers: KnownServers, version: string): Promise<Target<string>> {
  const [idlest] = (await servers.listServers('matching', version)).toSorted((a, b) => a.load - b.load);
  if (!idlest) throw new RpcError('NO_SERVER');
  return { scope: 'client', serverId: idlest.serverId, handler: 'user_leave_matching' };
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
