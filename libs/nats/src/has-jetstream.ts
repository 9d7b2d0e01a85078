import type { NatsConnection } from '@nats-io/nats-core';

/** Whether the server of the connection says in its greeting that it has JetStream; one that has none says nothing of it. */
export function hasJetStream(nats: NatsConnection): boolean {
  return nats.info?.jetstream === true;
}
