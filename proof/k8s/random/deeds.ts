import { kubectl, read } from '../cluster.js';
import { gameImage } from '../images.js';
import { applyAgain } from '../phases/apply-again.js';
import { untilComplete } from '../phases/healing.js';
import { rolledOut, type Stage } from '../stage.js';

/** Players and rooms have left a version by then: whoever does not go is a fault, and not waited for. */
const retiredWithinSeconds = '240';

/** The two versions that take turns. */
export type Version = '1.0.0000' | '1.0.0001';

/** The knowledge of a release tool at this moment. */
export interface Releases {
  stable: Version;
  other: Version;
  /** The servers of `other` run. */
  isBeside: boolean;
  /** `other` has a share of the players. */
  isCanary: boolean;
  /** The last step was a promotion, which can be taken back. */
  isPromoted: boolean;
}

export const atFirst = (): Releases => ({
  stable: '1.0.0000',
  other: '1.0.0001',
  isBeside: false,
  isCanary: false,
  isPromoted: false,
});

/** Something that an operator does on a day like others. */
export interface Deed {
  name: string;
  isPossible(releases: Releases): boolean;
  /** @param share from 0 to 1, out of the seed: what is left to chance in the deed itself */
  carryOut(stage: Stage, releases: Releases, share: number): Promise<unknown>;
  /** The knowledge afterwards. Left out: the same. */
  change?(releases: Releases): Releases;
}

const swap = (releases: Releases): Releases => ({
  ...releases,
  stable: releases.other,
  other: releases.stable,
  isCanary: false,
});

export const deeds: readonly Deed[] = [
  {
    name: 'deploy',
    isPossible: ({ isBeside }) => !isBeside,
    carryOut: ({ release }, { other }) =>
      release('deploy', other, '--image', gameImage(other), '--patience', '180'),
    change: (releases) => ({ ...releases, isBeside: true, isPromoted: false }),
  },
  {
    name: 'canary',
    isPossible: ({ isBeside }) => isBeside,
    carryOut: ({ release }, { other }, share) =>
      release('canary', other, '--weight', String(5 + Math.floor(share * 50))),
    change: (releases) => ({ ...releases, isCanary: true, isPromoted: false }),
  },
  {
    name: 'end of the canary',
    isPossible: ({ isCanary }) => isCanary,
    carryOut: ({ release }, { other }) => release('rollback', other),
    change: (releases) => ({ ...releases, isCanary: false }),
  },
  {
    name: 'promote',
    isPossible: ({ isBeside, isPromoted }) => isBeside && !isPromoted,
    carryOut: ({ release }, { other }) => release('promote', other),
    change: (releases) => ({ ...swap(releases), isPromoted: true }),
  },
  {
    name: 'rollback',
    isPossible: ({ isPromoted }) => isPromoted,
    carryOut: ({ release }) => release('rollback'),
    change: (releases) => ({ ...swap(releases), isPromoted: false }),
  },
  {
    name: 'retire',
    isPossible: ({ isBeside, isCanary }) => isBeside && !isCanary,
    carryOut: ({ release }, { other }) => release('retire', other, '--wait-seconds', retiredWithinSeconds),
    change: (releases) => ({ ...releases, isBeside: false, isPromoted: false }),
  },
  { name: 'kubectl apply again', isPossible: () => true, carryOut: (stage) => applyAgain(stage) },
  { name: 'rollout restart of everything', isPossible: () => true, carryOut: restartAll },
  { name: 'node drain', isPossible: () => true, carryOut: (_, __, share) => drainOne(share) },
];

async function workloads(): Promise<string[]> {
  const printed = await kubectl('get', 'deployment,statefulset', '-l', 'serverType', '-o', 'name');
  return printed.trim().split('\n').filter(Boolean);
}

/** NATS where it has three servers, and then all servers of all versions at once. */
async function restartAll({ operator }: Stage): Promise<void> {
  const nats = await read<{ spec: { replicas: number } }>('statefulset', 'nats');
  if (nats.spec.replicas > 1) {
    await kubectl('rollout', 'restart', 'statefulset/nats');
    await untilComplete(operator);
  }
  const all = await workloads();
  await kubectl('rollout', 'restart', ...all);
  await rolledOut(...all);
}

/** On an only node the budgets keep most pods where they are, and the drain gives up. */
async function drainOne(share: number): Promise<void> {
  const { items } = await read<{ items: Array<{ metadata: { name: string } }> }>('nodes');
  const node = items[Math.floor(share * items.length)]?.metadata.name ?? '';
  const timeout = `--timeout=${items.length === 1 ? 25 : 300}s`;
  try {
    const drain = ['drain', node, '--pod-selector=serverType', '--delete-emptydir-data', timeout];
    await kubectl(...drain).catch((error: Error) => {
      if (items.length > 1) throw error;
    });
  } finally {
    await kubectl('uncordon', node);
  }
  await rolledOut(...(await workloads()));
}
