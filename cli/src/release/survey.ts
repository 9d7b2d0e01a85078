import type { NatsConnection } from '@nats-io/nats-core';

/** One server as it describes itself over the NATS services protocol. */
export interface ServerStats {
  serverId: string;
  serverType: string;
  version: string;
  requests: number;
  errors: number;
  /** Of all requests together, ms. */
  processingMs: number;
}

interface StatsResponse {
  metadata: { serverId: string; serverType: string; version: string };
  endpoints?: Array<{ num_requests: number; num_errors: number; processing_time: number }>;
}

/** Servers answer within a few ms; who takes longer than this is not well. */
const surveyMs = 400;

/** Asks every server of the game for its labels and counters. */
export async function surveyServers(nats: NatsConnection): Promise<ServerStats[]> {
  const servers: ServerStats[] = [];
  const answers = await nats.requestMany('$SRV.STATS', undefined, { strategy: 'timer', maxWait: surveyMs });
  for await (const answer of answers) {
    const { metadata, endpoints = [] } = answer.json<StatsResponse>();
    if (!metadata?.serverType) continue;
    servers.push({
      ...metadata,
      requests: endpoints.reduce((sum, { num_requests }) => sum + num_requests, 0),
      errors: endpoints.reduce((sum, { num_errors }) => sum + num_errors, 0),
      processingMs: endpoints.reduce((sum, { processing_time }) => sum + processing_time / 1e6, 0),
    });
  }
  return servers;
}

/** `http 1, connector 2`: how many servers of each type a version has. */
export function countByType(servers: ServerStats[]): string {
  const types = new Map<string, number>();
  for (const { serverType } of servers) types.set(serverType, (types.get(serverType) ?? 0) + 1);
  return (
    [...types]
      .sort()
      .map(([type, count]) => `${type} ${count}`)
      .join(', ') || 'none'
  );
}
