import type { JetStreamManager } from '@nats-io/jetstream';
import { type NatsConnection, PermissionViolationError, RequestError } from '@nats-io/nats-core';
import { hasJetStream } from '@ccgame/nats';

/** Connections whose user may not make streams: they ask no more, as NATS would log each question. */
const mayNotMake = new WeakSet<NatsConnection>();

/** Whether the NATS server has JetStream, by its greeting. */
export function isExpectedToStart(manager: JetStreamManager): boolean {
  const nats = connectionOf(manager);
  return nats === undefined || hasJetStream(nats);
}

/** Whether NATS refused to make or change a stream for this server's user. */
export function isDenied(manager: JetStreamManager): boolean {
  const nats = connectionOf(manager);
  return nats !== undefined && mayNotMake.has(nats);
}

/** Rights that the user is given later count from this server's next start. */
export function noteDenial(manager: JetStreamManager, error: unknown): void {
  const nats = connectionOf(manager);
  if (!nats || !(error instanceof RequestError) || !(error.cause instanceof PermissionViolationError)) return;
  if (/STREAM\.(CREATE|UPDATE|LIST)/.test(error.cause.subject)) mayNotMake.add(nats);
}

/** The library keeps it, though its interface doesn't show it. */
function connectionOf(manager: JetStreamManager): NatsConnection | undefined {
  return (manager as unknown as { nc?: NatsConnection }).nc;
}
