import { Injectable } from '@nestjs/common';
import { namedVersion } from '@ccgame/config';
import { GameErrors } from '@ccgame/protocol';
import { type ClientFacts, parseCookies, ReleaseService } from '@ccgame/releases';
import type { Socket } from 'socket.io';

/** Longer ones are not even looked up. */
const longestName = 64;

/** The facts of a handshake that the release table is asked with. */
export type PlayerFacts = Pick<ClientFacts, 'playerId' | 'region' | 'build'>;

/** Chooses the version that answers a player: pinned at the handshake, and a message's own where the release table lets it. */
@Injectable()
export class VersionPinning {
  constructor(private readonly releases: ReleaseService) {}

  /**
   * The version of a new session: the one that the client names in the auth payload, the header or the query, if the table
   * lets it; else the first rule that fits; else the player's share; else stable.
   *
   * @throws RpcError VERSION_GONE that says which to `use`
   */
  pinVersion(handshake: Socket['handshake'], player: PlayerFacts, isResume: boolean): string {
    const { auth, headers, query } = handshake;
    const facts: ClientFacts = { ...player, headers, query, cookies: parseCookies(headers.cookie), isResume };
    const requested: unknown =
      namedVersion(auth.version) ?? namedVersion(headers.version) ?? namedVersion(query.version);
    if (requested === undefined) return this.releases.chooseFor(facts).version;
    if (typeof requested !== 'string' || requested.length > longestName) {
      const use = this.releases.chooseFor(facts).version;
      throw GameErrors.VERSION_GONE({ details: { detail: 'This is no version.', use } });
    }
    return this.releases.chooseFor({ ...facts, requested }).version;
  }

  /**
   * The version that answers a message of a session.
   *
   * @throws RpcError VERSION_GONE when the message names one that is not served, or the session's own was retired meanwhile
   */
  ofMessage(pinned: string, named: string | undefined): string {
    this.releases.assertCallable(pinned, named ?? pinned);
    return named ?? pinned;
  }
}

/** The player's id, and what the client says of itself in the query. */
export function factsOf({ query }: Socket['handshake'], playerId: string): PlayerFacts {
  const { region, build } = query;
  return {
    playerId,
    region: typeof region === 'string' && region.length <= longestName ? region : undefined,
    build: typeof build === 'string' && /^\d{1,9}$/.test(build) ? Number(build) : undefined,
  };
}
