import { type NatsConnection, PermissionViolationError } from '@nats-io/nats-core';
import { NatsProblem } from '@ccgame/testing';

/**
 * Does the work, and gives it up when NATS refuses a part of it to this user: the question that it refused has no answer, so the
 * work would wait for ever. An operator may do all, so each refusal means that the address is another user's.
 *
 * @throws NatsProblem for a refusal; whatever the work throws
 */
export function withRights<T>(nats: NatsConnection, work: () => Promise<T>): Promise<T> {
  return Promise.race([untilRefused(nats), work()]);
}

/** Pending for ever where nothing is refused before the connection closes. */
async function untilRefused(nats: NatsConnection): Promise<never> {
  for await (const status of nats.status()) {
    if (status.type !== 'error' || !(status.error instanceof PermissionViolationError)) continue;
    const { operation, subject } = status.error;
    throw new NatsProblem(
      `The NATS user of NATS_ADDRESS has no right to ${operation === 'publish' ? 'write to' : 'listen to'} ${subject}. Commands need the user operator.`,
    );
  }
  return new Promise(() => {});
}
