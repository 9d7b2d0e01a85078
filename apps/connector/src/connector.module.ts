import { Module } from '@nestjs/common';
import { RpcModule } from '#rpc';
import { ServerModule } from '#server';
import { Delivery, JwtTokens, Ownership, SessionsModule, TokenVerifier } from '#sessions';
import { DrainSessions } from './drain/drain-sessions.js';
import { Gateway } from './gateway/gateway.js';
import { Handshake } from './gateway/handshake.js';
import { Requests } from './gateway/requests.js';
import { Sessions } from './gateway/sessions.js';
import { SessionCountsController } from './operations/session-counts.controller.js';

@Module({
  imports: [ServerModule, RpcModule.forRoot(), SessionsModule],
  controllers: [SessionCountsController],
  providers: [
    { provide: TokenVerifier, useClass: JwtTokens },
    Delivery,
    Ownership,
    Handshake,
    Requests,
    Sessions,
    DrainSessions,
    Gateway,
  ],
})
export class ConnectorModule {}
