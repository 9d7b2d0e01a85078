import { Config } from '@ccgame/config';
import { RpcError, type RpcService, type Target } from '@ccgame/rpc';
import type { BackfilledPlayers } from '../contracts/backfill.js';
import type { MatchRecord } from '../contracts/matches.js';

/** One question lasts so long, ms. */
const timeoutMs = 3_000;
/** A server whose NATS server is replaced listens again within this time, ms; others may know nothing of a match that is in its memory alone. */
const awayMs = 5_000;

/**
 * Tells the server that asked for players who comes. Where it stays away, as after a release or with fewer servers, another one of its type is
 * told: a match that is a room goes on there.
 *
 * @param version of the match: in which others are looked for first, and then in this server's own
 * @param waitedMs how long the players have waited to be told of
 * @throws RpcError of the server that was told; NO_SERVER where there is none
 */
export async function tellServer(
  rpc: Pick<RpcService, 'doRPC'>,
  { serverId, handler }: Required<MatchRecord>['notify'],
  version: string,
  players: BackfilledPlayers,
  waitedMs: number,
): Promise<void> {
  const serverType = serverId.slice(0, serverId.indexOf('-'));
  const versions = waitedMs < awayMs ? [] : [...new Set([version, Config.VERSION])];
  const others = versions.map((one) => ({ serverType, handler, version: one }));
  const targets: Target<string>[] = [{ serverId, handler }, ...others];
  let gone: unknown;
  for (const target of targets) {
    try {
      await rpc.doRPC(target, players, { timeoutMs });
      return;
    } catch (error) {
      const isAway = error instanceof RpcError && error.code === 'NO_SERVER' && error.retryable;
      if (!isAway) throw error;
      gone = error;
    }
  }
  throw gone;
}
