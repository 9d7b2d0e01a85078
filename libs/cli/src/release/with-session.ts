import { connect, type ConnectionOptions } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { parseNatsAddress } from '@ccgame/config';
import { NatsProblem } from '@ccgame/testing';
import { environment } from '../environment.js';
import { chooseTarget, type Place } from './choose-target.js';
import type { GlobalOptions } from './global-options.js';
import { expectJson } from './print-note.js';
import type { ReleaseSession } from './session.js';

/**
 * Opens a session, runs the work, and closes whatever it opened.
 *
 * @param does `changes` is asked about before anything in a cluster is touched
 */
export async function withSession<T>(
  options: GlobalOptions,
  does: 'changes' | 'reads',
  work: (session: ReleaseSession) => Promise<T>,
): Promise<T> {
  expectJson(options.json ?? false);
  const place = await chooseTarget(options, does);
  const nats = await openNats(place);
  try {
    // The servers' libraries take most of a start, and are of no use before NATS answers.
    const { runSession } = await import('./run-session.js');
    return await runSession(nats, place, options, work);
  } finally {
    await nats.close();
  }
}

/** As the operator whom the address names. @throws NatsProblem when it does not answer */
export async function openNats({ natsAddress }: Place): Promise<NatsConnection> {
  const { servers, user, pass, token, tls: isTls } = parseNatsAddress(natsAddress);
  const tls = await tlsOf(isTls);
  // A guard or a retirement goes on when NATS was away for a moment.
  const patience = { timeout: 3000, maxReconnectAttempts: -1, reconnectTimeWait: 500 };
  return connect({ servers, user, pass, token, tls, ...patience }).catch((error: Error) => {
    throw new NatsProblem(
      `No game runs here, and the NATS server ${servers.join(',')} does not answer (${error.message}): say npm start, or name a cluster's NATS in NATS_ADDRESS.`,
    );
  });
}

async function tlsOf(isAsked: boolean): Promise<ConnectionOptions['tls']> {
  const authority = environment.natsAuthority;
  if (!isAsked && authority === undefined) return undefined;
  const { tlsOptions } = await import('@ccgame/nats');
  return tlsOptions(isAsked, authority);
}
