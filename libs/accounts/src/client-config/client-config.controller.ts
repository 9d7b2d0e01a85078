import { createHash } from 'node:crypto';
import { Controller, Get, Req, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiResponse,
  ApiSecurity,
  ApiTags,
} from '@nestjs/swagger';
import { Config } from '@ccgame/config';
import { ClientConfig } from '@ccgame/protocol';
import { type ClientFacts, isHeaderName, ReleaseService } from '@ccgame/releases';
import { TokenVerifier } from '@ccgame/sessions';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bearerOf, factsOf } from '@ccgame/http';

/** A client may hold its configuration for so long; a changed table reaches it by then, or at its next connection. */
const maxAgeSeconds = 30;

/** `GET /v1/config`: the version that a client gets, and the addresses of its sockets. */
@ApiTags('players')
@Controller('v1/config')
export class ClientConfigController {
  constructor(
    private readonly releases: ReleaseService,
    private readonly tokens: TokenVerifier,
  ) {}

  /** With a player's token the answer is for that player; without one, for a client that nobody knows. */
  @Get()
  @ApiOperation({ summary: 'The version and the addresses that this client should use' })
  @ApiQuery({ name: 'build', required: false, type: String, description: 'The build number of the client' })
  @ApiQuery({ name: 'region', required: false, type: String })
  @ApiHeader({ name: 'if-none-match', required: false, description: 'The `etag` of what the client has' })
  @ApiSecurity({})
  @ApiBearerAuth('player')
  @ApiOkResponse({ type: ClientConfig })
  @ApiResponse({ status: 304, description: 'What the client has, by `if-none-match`, is still right' })
  async getConfig(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClientConfig | undefined> {
    const { version } = this.releases.chooseFor(await this.withPlayer(request));
    const config = { version, httpUrl: httpUrl(), wsUrl: wsUrl() };
    const etag = `"${createHash('sha256').update(JSON.stringify(config)).digest('base64url').slice(0, 22)}"`;
    void reply.header('etag', etag).header('vary', this.headersAsked().join(', '));
    void reply.header('cache-control', `private, max-age=${maxAgeSeconds}, must-revalidate`);
    if (!matches(request.headers['if-none-match'], etag)) return config;
    void reply.status(304);
    return undefined;
  }

  /** Every header that the answer may depend on. */
  private headersAsked(): string[] {
    const rules = this.releases.currentTable()?.canaries.flatMap((canary) => canary.rules) ?? [];
    const named = rules.flatMap(({ header }) => (header ? [header.name.toLowerCase()] : []));
    // A table of before names were checked may have one that no header has: no answer could be sent with it.
    return [...new Set(['authorization', 'cookie', 'origin', ...named.filter(isHeaderName)])];
  }

  /** @throws RpcError UNAUTHENTICATED for a token that isn't good; a missing one is fine */
  private async withPlayer(request: FastifyRequest): Promise<ClientFacts> {
    const { authorization } = request.headers;
    const playerId = authorization ? (await this.tokens.verify(bearerOf(authorization))).playerId : undefined;
    return { ...factsOf(request), playerId };
  }
}

/** `If-None-Match` is a list, and a proxy that compresses makes tags weak: RFC 9110, section 13.1.2. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}

function httpUrl(): string {
  return Config.PUBLIC_HTTP_URL ?? `http://127.0.0.1:${Config.HTTP_PORT}`;
}

function wsUrl(): string {
  return Config.PUBLIC_WS_URL ?? `ws://127.0.0.1:${Config.WS_PORT}`;
}
