import { Injectable } from '@nestjs/common';
import { namedVersion } from '@ccgame/config';
import { type ClientFacts, ReleaseService } from '@ccgame/releases';
import { TokenVerifier } from '@ccgame/sessions';
import type { FastifyRequest } from 'fastify';
import { bearerOf } from '../bearer.js';
import { factsOf } from '../facts-of.js';

/** Finds the version that answers an HTTP request: the release table says it, as for a socket. */
@Injectable()
export class VersionOfRequest {
  constructor(
    private readonly releases: ReleaseService,
    private readonly tokens: TokenVerifier,
  ) {}

  /** The version that the table gives the client; undefined while there is no table. One that is gone counts as not named. */
  async choose(request: FastifyRequest): Promise<string | undefined> {
    const table = this.releases.currentTable();
    if (!table) return undefined;
    const facts = factsOf(request);
    // A token costs time: it is looked at where the player matters.
    if (table.canaries.length > 0) facts.playerId = await this.playerOf(request);
    const requested: unknown = namedVersion(request.headers.version) ?? namedVersion(facts.query?.version);
    return this.isNamed(requested, facts) ?? this.releases.chooseFor(facts).version;
  }

  /** The servers that answer for a version: its own, or its fallback's. */
  serving(version: string): string {
    return this.releases.resolveVersion('http', version, version);
  }

  private isNamed(requested: unknown, facts: ClientFacts): string | undefined {
    if (typeof requested !== 'string') return undefined;
    try {
      // A version that drains serves its players until they leave it.
      return this.releases.chooseFor({ ...facts, requested, isResume: true }).version;
    } catch {
      return undefined;
    }
  }

  /** A token that is no good is refused where it is needed; here it names nobody. */
  private async playerOf(request: FastifyRequest): Promise<string | undefined> {
    const { authorization } = request.headers;
    if (!authorization) return undefined;
    try {
      return (await this.tokens.verify(bearerOf(authorization))).playerId;
    } catch {
      return undefined;
    }
  }
}
