import { createInbox, type ConnectionOptions, type NatsConnection } from '@nats-io/nats-core';

/**
 * A new inbox under the connection's own prefix, `_INBOX.<server type>`: NATS permissions keep other types from listening
 * there.
 */
export function privateInbox(nats: NatsConnection): string {
  // nats.js keeps its options, though its interface doesn't show them.
  const { options } = nats as { options?: ConnectionOptions };
  return createInbox(options?.inboxPrefix);
}
