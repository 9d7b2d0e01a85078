import type { NatsConnection } from '@nats-io/nats-core';

const timeoutMs = 2_000;

/**
 * The time of NATS, epoch ms, as the streams that are there tell it (`ts` of their info): one clock for all servers. For a single
 * look; `NatsClock` follows it. Undefined while there is no stream.
 *
 * @throws the error of the request
 */
export async function readStorageTime(nats: NatsConnection): Promise<number | undefined> {
  const answer = await nats.request('$JS.API.STREAM.LIST', '', { timeout: timeoutMs });
  const { streams } = answer.json<{ streams?: { ts?: string }[] | null }>();
  const times = (streams ?? []).map(({ ts = '' }) => Date.parse(ts)).filter(Number.isFinite);
  return times.length > 0 ? Math.max(...times) : undefined;
}
