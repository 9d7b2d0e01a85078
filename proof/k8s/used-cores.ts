import { kubectl, read } from './cluster.js';
import { pause } from './pause.js';

interface Summary {
  pods: Array<{
    podRef: { name: string; namespace: string };
    cpu?: { time: string; usageCoreNanoSeconds?: number };
  }>;
}

interface Reading {
  atMs: number;
  usedMs: number;
}

/** The kubelets count again every ten seconds or so. */
const windowMs = 30_000;

/** How many cores the pods of each kind use together, such as `{ http: 0.3, nats: 0.2 }`: measured over half a minute, by the kubelets. */
export async function measureCores(): Promise<Record<string, number>> {
  const before = await readAll();
  await pause(windowMs);
  const cores: Record<string, number> = {};
  for (const [pod, { atMs, usedMs }] of await readAll()) {
    const first = before.get(pod);
    if (!first || atMs <= first.atMs) continue;
    const kind = pod.split('-')[0] ?? pod;
    cores[kind] = (cores[kind] ?? 0) + (usedMs - first.usedMs) / (atMs - first.atMs);
  }
  return Object.fromEntries(Object.entries(cores).map(([kind, count]) => [kind, Number(count.toFixed(3))]));
}

async function readAll(): Promise<Map<string, Reading>> {
  const { items } = await read<{ items: Array<{ metadata: { name: string } }> }>('nodes');
  const readings = new Map<string, Reading>();
  for (const { metadata } of items) {
    const raw = await kubectl('get', '--raw', `/api/v1/nodes/${metadata.name}/proxy/stats/summary`);
    for (const { podRef, cpu } of (JSON.parse(raw) as Summary).pods) {
      if (podRef.namespace !== 'default' || cpu?.usageCoreNanoSeconds === undefined) continue;
      readings.set(podRef.name, { atMs: Date.parse(cpu.time), usedMs: cpu.usageCoreNanoSeconds / 1e6 });
    }
  }
  return readings;
}
