import { Injectable } from '@nestjs/common';
import { GameErrors } from '#contracts';
import { type ClientFacts, ReleaseService } from '#releases';
import type { Socket } from 'socket.io';

const versionPattern = /^(latest|\d{1,6}(\.\d{1,6}){1,3})$/;

/** Which version answers a player: pinned at his handshake, and a message's own where the release table lets it. */
@Injectable()
export class VersionPinning {
  constructor(private readonly releases: ReleaseService) {}

  /**
   * The version of a new session: the one that the client names in the auth payload, the header or the query, if the table
   * lets it; else the first rule that fits; else his share; else stable.
   *
   * @throws RpcError VERSION_GONE that says which to `use`
   */
  pin(handshake: Socket['handshake'], playerId: string, isResume: boolean): string {
    const { auth, headers, query } = handshake;
    const facts: ClientFacts = {
      playerId,
      headers,
      query,
      cookies: cookiesOf(headers.cookie),
      region: textOf(query.region),
      build: /^\d{1,9}$/.test(textOf(query.build) ?? '') ? Number(query.build) : undefined,
      isResume,
    };
    const given: unknown = auth.version ?? headers.version ?? query.version;
    if (given === undefined) return this.releases.choose(facts).version;
    if (typeof given !== 'string' || !versionPattern.test(given)) {
      const use = this.releases.choose(facts).version;
      throw GameErrors.VERSION_GONE({ details: { detail: 'This is no version.', use } });
    }
    return this.releases.choose({ ...facts, requested: given }).version;
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

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function cookiesOf(header: string | undefined): Record<string, string | undefined> {
  if (header === undefined) return {};
  return Object.fromEntries(header.split(/; */).map((pair) => pair.split('=', 2) as [string, string]));
}
