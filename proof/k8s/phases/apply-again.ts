import { kubectl, read } from '../cluster.js';
import { matching, rolledOut, type Stage } from '../stage.js';

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

/** With a workload that an operator has scaled by hand, as no autoscaler has it. */
export async function applyAgainScaled(stage: Stage): Promise<void> {
  const replicas = async (): Promise<number> =>
    (await read<{ spec: { replicas: number } }>(matching)).spec.replicas;
  const before = await replicas();
  // Fewer, as a small machine has no room for more.
  const scaled = before - 1;
  await kubectl('scale', matching, `--replicas=${scaled}`);
  await rolledOut(matching);
  await applyAgain(stage);
  const after = await replicas();
  stage.report.check(
    `${matching} has ${after} of the ${scaled} replicas that it was scaled to`,
    after === scaled,
  );
  await kubectl('scale', matching, `--replicas=${before}`);
  await rolledOut(matching);
}

/** `kubectl apply` of all that Git has, whichever version is stable. */
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
