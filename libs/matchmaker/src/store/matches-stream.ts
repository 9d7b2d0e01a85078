import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ensureStream } from '@ccgame/jetstream';
import { matchesStream } from '../contracts/matches.js';

/** Makes the stream, or gives one that an older version made what is missing. */
export async function openMatchesStream(nats: NatsConnection): Promise<void> {
  await ensureStream(await jetstreamManager(nats, { checkAPI: false }), matchesStream);
}
