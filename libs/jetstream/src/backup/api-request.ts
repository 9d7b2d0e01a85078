import { JetStreamApiError } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/nats-core';

type Refusal = ConstructorParameters<typeof JetStreamApiError>[0];

/**
 * Asks what the library has no method for.
 *
 * @throws JetStreamApiError for a refusal; the connection's error when nobody answers, or the user may not ask
 */
export async function requestApi<T>(
  nats: NatsConnection,
  method: string,
  question: object,
  timeoutMs: number,
): Promise<T> {
  const answer = await nats.request(`$JS.API.${method}`, JSON.stringify(question), { timeout: timeoutMs });
  return parseAnswer<T>(answer);
}

/** Undefined for an empty answer. @throws JetStreamApiError for a refusal */
export function parseAnswer<T>(answer: Msg): T {
  if (answer.data.length === 0) return undefined as T;
  const { error, ...told } = answer.json<T & { error?: Refusal }>();
  if (error) throw new JetStreamApiError(error);
  return told as T;
}
