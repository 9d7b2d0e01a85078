import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { register } from 'prom-client';
// Their metrics are declared when they are imported.
import '@ccgame/accounts';
import '@ccgame/edge';
import '@ccgame/entities';
import '@ccgame/http';
import '@ccgame/jetstream';
import '@ccgame/leaderboards';
import '@ccgame/match-results';
import '@ccgame/matchmaker';
import '@ccgame/nats';
import '@ccgame/ownership';
import '@ccgame/releases';
import '@ccgame/rpc';
import '@ccgame/server';
import '@ccgame/sessions';

/** One metric, as the code declares it. */
export interface DeclaredMetric {
  name: string;
  help: string;
  type: string;
  labels: string[];
}

interface Registered {
  name: string;
  help: string;
  type?: string;
  labelNames: string[];
  get(): Promise<{ type: string }>;
}

/** The metrics of all libraries, by library: those that its `src/metrics.ts` names. */
export async function listDeclaredMetrics(): Promise<Map<string, DeclaredMetric[]>> {
  const declared = new Map<string, DeclaredMetric[]>();
  for (const library of readdirSync('libs').sort()) {
    const file = `libs/${library}/src/metrics.ts`;
    if (!existsSync(file)) continue;
    const names = new Set(readFileSync(file, 'utf8').match(/(?<=')ccgame_\w+(?=')/g));
    declared.set(library, await Promise.all([...names].map(describeMetric)));
  }
  return declared;
}

/** The names of all metrics that are declared in this process, wherever that is. */
export function registeredNames(): string[] {
  return (register.getMetricsAsArray() as unknown as Registered[]).map(({ name }) => name);
}

async function describeMetric(name: string): Promise<DeclaredMetric> {
  const metric = register.getSingleMetric(name) as unknown as Registered | undefined;
  if (!metric) throw new Error(`${name} is declared by no library that is imported here`);
  const { type } = await metric.get();
  return { name, help: metric.help, type, labels: metric.labelNames };
}
