import type { ReleaseStore } from '@ccgame/releases';
import { NatsProblem } from '@ccgame/testing';
import type { OperatorRpc } from './operator-rpc.js';
import { type ServerStats, surveyServers } from './survey.js';
import type { ReleaseTarget, ServerInstance } from './targets/target.js';

/** A server that is busy, or has just connected again, answers within this time. */
const defaultPatienceMs = 10_000;
const askAgainMs = 300;

interface Compared {
  operator: OperatorRpc;
  store: ReleaseStore;
  channel: string;
  target: Pick<ReleaseTarget, 'servers'>;
  /** 10 s when left out. */
  patienceMs?: number;
}

/**
 * Proves that kubectl and NATS_ADDRESS mean the same cluster: a ready pod there answers here, by its UID. Where there is no pod at
 * all, the channel has no table yet, or nobody in another pod answers. Servers that run in no pods prove nothing, and need no proof.
 *
 * @throws NatsProblem
 */
export async function assertSameCluster(compared: Compared): Promise<void> {
  const { operator, target, patienceMs = defaultPatienceMs } = compared;
  const until = performance.now() + patienceMs;
  for (;;) {
    const [servers, { instances }] = await Promise.all([
      operator.unbroken(() => surveyServers(operator.nats)),
      target.servers(),
    ]);
    const pods = instances.filter(({ podUid }) => podUid !== undefined);
    const inPods = servers.filter(({ podUid }) => podUid !== undefined);
    const isProven = inPods.some(({ podUid }) => pods.some((pod) => pod.podUid === podUid));
    const ready = pods.filter(({ isReady }) => isReady).map(({ serverId }) => serverId);
    if (isProven || (ready.length === 0 && (await mayBeEmpty(compared, pods, inPods)))) return;
    if (performance.now() >= until) throw new NatsProblem(contradiction(ready, inPods));
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
}

/** A first version is about to start, or none of its servers is well: no pod can answer. */
async function mayBeEmpty(
  { store, channel }: Compared,
  pods: ServerInstance[],
  heard: ServerStats[],
): Promise<boolean> {
  return pods.length > 0 || heard.length === 0 || (await store.readTable(channel)) === undefined;
}

function contradiction(ready: string[], heard: ServerStats[]): string {
  const there = ready.length === 0 ? 'no server is there' : `${firstOf(ready)} are ready there`;
  const here = heard.length === 0 ? 'nobody' : firstOf(heard.map(({ serverId }) => serverId));
  return `kubectl and NATS_ADDRESS seem to mean different clusters: ${there}, and ${here} in other pods answers here. Nothing was changed.`;
}

function firstOf(names: string[]): string {
  const [first = '', ...more] = names.toSorted();
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}
