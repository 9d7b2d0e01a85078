import type { NatsConnection } from '@nats-io/nats-core';
import { StartFailed } from './await-servers.js';
import { surveyServers, type ServerStats } from './survey.js';

/** A pod that Kubernetes calls ready. */
export interface ReadyPod {
  name: string;
  uid: string;
}

/** Started beside others on a busy node, a server may answer late. */
const defaultPatienceMs = 20_000;

/**
 * Compares what a version's servers are made of with what was asked for. Every ready pod has to answer through NATS by its
 * UID, which also proves that kubectl and NATS_ADDRESS mean the same cluster.
 *
 * @param asked.commit the beginning of the revision; any when left out
 * @param patienceMs until a pod that doesn't answer is given up; 20,000 when left out
 * @throws StartFailed that names the servers with other code, Error that names the pods that were not heard
 */
export async function assertBuilds(
  nats: NatsConnection,
  pods: ReadyPod[],
  asked: { version: string; commit?: string },
  patienceMs = defaultPatienceMs,
): Promise<void> {
  const until = performance.now() + patienceMs;
  let servers: ServerStats[];
  let silent: ReadyPod[];
  do {
    servers = await surveyServers(nats);
    silent = pods.filter(({ uid }) => !servers.some(({ podUid }) => podUid === uid));
  } while (silent.length > 0 && performance.now() < until);
  if (silent.length > 0) {
    throw new Error(
      `Ready, but not heard through NATS: ${silent.map(({ name }) => name).join(', ')}. Do kubectl and NATS_ADDRESS mean the same cluster?`,
    );
  }
  const own = servers.filter(({ podUid }) => pods.some(({ uid }) => uid === podUid));
  const problems = buildProblems(own, asked);
  if (problems.length > 0) throw new StartFailed(problems.join('\n'));
}

/** In sentences: which servers run something else than was asked for. */
export function buildProblems(
  servers: ServerStats[],
  { version, commit }: { version: string; commit?: string },
): string[] {
  const revisions = new Set(servers.map(({ buildRevision }) => buildRevision));
  const wrong = servers.flatMap(({ serverId, buildVersion, buildRevision }) => {
    if (buildVersion === undefined)
      return [
        `The image of ${serverId} does not tell its build: build it by the Dockerfile, with VERSION=${version}.`,
      ];
    if (buildVersion !== version) return [`${serverId} runs the code of ${buildVersion}, not of ${version}.`];
    if (commit !== undefined && !buildRevision?.startsWith(commit))
      return [`${serverId} runs the commit ${buildRevision}, not ${commit}.`];
    return [];
  });
  if (wrong.length > 0 || revisions.size <= 1) return wrong;
  return [`The servers of ${version} run several commits: ${[...revisions].join(', ')}.`];
}
