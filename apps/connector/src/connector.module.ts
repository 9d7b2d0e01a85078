import { Module } from '@nestjs/common';
import { RpcModule } from '#rpc';
import { ServerModule } from '#server';
import { JwtTokens, TokenVerifier } from '#sessions';
import { Gateway } from './gateway/gateway.js';
import { Handshake } from './gateway/handshake.js';
import { Requests } from './gateway/requests.js';

@Module({
  imports: [ServerModule, RpcModule.forRoot()],
  providers: [{ provide: TokenVerifier, useClass: JwtTokens }, Handshake, Requests, Gateway],
})
export class ConnectorModule {}
