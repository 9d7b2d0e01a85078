import { kubectl } from '../cluster.js';
import type { Stage } from '../stage.js';

const kinds =
  'deployment,statefulset,cronjob,service,hpa,pdb,httproute,gateway,secret,configmap,serviceaccount';

/** The `spec` of every object that is there. Status, and the fields that controllers write, are left out. */
async function snapshot(): Promise<Record<string, string>> {
  const { items } = JSON.parse(await kubectl('get', kinds, '-o', 'json')) as {
    items: Array<{ kind: string; metadata: { name: string }; spec?: object; data?: object }>;
  };
  return Object.fromEntries(
    items.map(({ kind, metadata, spec, data }) => [`${kind} ${metadata.name}`, JSON.stringify([spec, data])]),
  );
}

/** `kubectl apply` of all that Git has, with another version promoted and a workload scaled by an operator. */
export async function applyAgain({ report, folder }: Stage): Promise<void> {
  const before = await snapshot();
  await kubectl('apply', '-k', folder);
  await kubectl('apply', '-k', `${folder}/ingress/gateway-api`);
  const after = await snapshot();
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => before[name] !== after[name]);
  report.check(
    `kubectl apply -k k8s/ once more: of ${names.length} objects changed ${changed.join(', ') || 'none'}`,
    changed.length === 0,
  );
}
