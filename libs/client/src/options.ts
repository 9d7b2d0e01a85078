import type { ResumeFrom } from '@ccgame/protocol';
import type { Platform } from './platform.js';
import type { OnNotRecovered } from './refresh.js';

/**
 * `refused` when the servers did not take the last one, because it expired or for another reason; `renew` while the socket goes on,
 * before the last one runs out.
 */
export type TokenReason = 'connect' | 'refused' | 'renew';

/** A player's token, or a function that fetches one: it is told what for. */
export type Token = string | ((reason: TokenReason) => string | Promise<string>);

/** Where a page stopped, for the next one. */
export interface SavedPosition extends Omit<ResumeFrom, 'moving'> {
  /** The id of the last message: those of a session go up, though the device's clock may be set back between two pages. */
  sent?: number;
}

/** The options of `connect`. */
export interface ConnectOptions extends Platform {
  /** The game's HTTP address, `https://play.example.com`, without a path. Sockets go there too unless `GET /v1/config` says otherwise. */
  url: string;
  /** From the login; a function is asked for each connection, so that it can fetch a fresh one. */
  token?: Token;
  /**
   * In the place of `token`: a guest's, who is logged in by it, once for the time of a token. See `login`. Both left out: made once and
   * kept in the storage.
   */
  deviceId?: string;
  /** `1.0.0000`. Left out: `GET /v1/config` says which, and where. */
  version?: string;
  /** The client's build number, and where its player is: the release table may have rules about them. */
  build?: number;
  region?: string;
  /**
   * Where no WebSocket comes through, as behind some companies' proxies, HTTP long-polling is tried. The servers have to have
   * `LONG_POLLING` on, and the platform an XMLHttpRequest. Default: off.
   */
  polling?: boolean;
  /** Messages that may wait for a connection. Default 100. */
  maxQueued?: number;
  /** How long `request` waits for its answer unless told otherwise, ms. Default 10 000. */
  timeoutMs?: number;
  /**
   * Called where pushes may be missing, to fetch the game's state anew. It may ask the servers. Reliable pushes that come
   * meanwhile are given when it has resolved; the state may hold some of them already. Where it fails, the `error` event says
   * NOT_REFRESHED and it is called again, as after 30 s, or when too many pushes wait.
   */
  onNotRecovered?: OnNotRecovered;
  /** `client.position` of an earlier page: goes on where that one stopped. One that the servers can't read is a gap. */
  resume?: SavedPosition;
}
