import { type NatsConnection, NoRespondersError } from '@nats-io/nats-core';

/** The three labels by which all routing selects. */
export interface ServerLabels {
  serverId: string;
  serverType: string;
  version: string;
}

/** One server as it describes itself over the NATS services protocol. */
export interface ServerStats extends ServerLabels {
  /** Baked into its image, and the pod that it runs in; absent elsewhere. */
  buildVersion?: string;
  buildRevision?: string;
  podUid?: string;
  /** Parts its process from others under the same id: one that crashed comes back as another. */
  incarnation?: string;
  /** That its handlers began since it started. */
  requests: number;
}

interface StatsResponse {
  metadata?: Omit<ServerStats, 'requests'>;
  endpoints?: Array<{ num_requests: number }>;
}

/** Servers answer within a few ms; one that takes longer than this is not well. */
const surveyMs = 400;

/** Asks every server of the game who it is. One that doesn't answer at once isn't in it: see `takeRoster`. */
export async function surveyServers(nats: NatsConnection): Promise<ServerStats[]> {
  const servers: ServerStats[] = [];
  try {
    const answers = await nats.requestMany('$SRV.STATS', undefined, { strategy: 'timer', maxWait: surveyMs });
    for await (const answer of answers) {
      const { metadata, endpoints = [] } = answer.json<StatsResponse>();
      if (!metadata?.serverType) continue;
      servers.push({
        ...metadata,
        requests: endpoints.reduce((sum, { num_requests }) => sum + num_requests, 0),
      });
    }
  } catch (error) {
    // Not even one of the services protocol.
    if (!(error instanceof NoRespondersError)) throw error;
  }
  return servers;
}
