import type { NatsConnection } from '@nats-io/nats-core';
import { isNatsVersionSupported, oldestNatsVersion } from '@ccgame/config';

/** An operator has to bring a newer NATS. The message is a sentence. */
export class NatsTooOld extends Error {
  override readonly name = 'NatsTooOld';
}

/**
 * Undefined: it is new enough. An older one refuses nothing: what it doesn't know of a stream or message it leaves out, so that bans never ended,
 * and half of a batch was stored.
 */
export function problemOfVersion({ info }: Pick<NatsConnection, 'info'>): NatsTooOld | undefined {
  const version = info?.version;
  if (version === undefined || isNatsVersionSupported(version)) return undefined;
  return new NatsTooOld(
    `NATS is version ${version}, and ccgame needs ${oldestNatsVersion} or newer: an older one does not heed the lifetimes and batches of messages.`,
  );
}
