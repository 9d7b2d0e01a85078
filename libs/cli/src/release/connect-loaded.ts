import { connect, type ConnectionOptions } from '@nats-io/transport-node';
import { AuthorizationError, type NatsConnection } from '@nats-io/nats-core';
import { parseNatsAddress } from '@ccgame/config';
import { NatsProblem } from '@ccgame/testing';
import { environment } from '../environment.js';

/**
 * Asks NATS, loads, and connects. The servers' libraries take most of a command's start, and are of no use before NATS answers
 * (decision 230); a process that loads them on a busy machine answers no ping for seconds, and NATS would end its connection.
 *
 * @throws NatsProblem when NATS does not answer
 */
export async function connectLoaded<T>(
  { natsAddress, launcherPid }: { natsAddress: string; launcherPid?: number },
  load: () => Promise<T>,
): Promise<{ nats: NatsConnection; loaded: T }> {
  const hint =
    launcherPid === undefined
      ? noGame
      : `"npm start" (process ${launcherPid}) uses it too, and its window or .ccgame/nats/nats.log may tell why.`;
  const asked = await openNats(natsAddress, hint);
  await asked.close();
  const loaded = await load();
  return { nats: await openNats(natsAddress, hint), loaded };
}

const noGame = "No game runs here: say npm start, or name a cluster's NATS in NATS_ADDRESS.";

/** As the operator whom the address names. @throws NatsProblem when it refuses the user; when it does not answer, with the hint */
export async function openNats(natsAddress: string, hint = noGame): Promise<NatsConnection> {
  const { servers, user, pass, token, tls: isTls } = parseNatsAddress(natsAddress);
  const tls = await tlsOf(isTls);
  // A guard or a retirement goes on when NATS was away for a moment.
  const patience = { timeout: 10_000, maxReconnectAttempts: -1, reconnectTimeWait: 500 };
  return connect({ servers, user, pass, token, tls, ...patience }).catch((error: Error) => {
    if (error instanceof AuthorizationError) throw NatsProblem.refused(servers.join(','));
    throw new NatsProblem(`The NATS server ${servers.join(',')} does not answer (${error.message}). ${hint}`);
  });
}

async function tlsOf(isAsked: boolean): Promise<ConnectionOptions['tls']> {
  const authority = environment.natsAuthority;
  if (!isAsked && authority === undefined) return undefined;
  const { tlsOptions } = await import('@ccgame/nats');
  return tlsOptions(isAsked, authority);
}
