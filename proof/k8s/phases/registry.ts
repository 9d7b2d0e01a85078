import { apply, kubectl, read } from '../cluster.js';
import { gameImage, registry } from '../images.js';
import { until } from '../pause.js';
import type { Stage } from '../stage.js';

interface Pods {
  items: Array<{
    spec: { containers: Array<{ image: string }> };
    status: { containerStatuses?: Array<{ imageID: string; state: { waiting?: { message?: string } } }> };
  }>;
}

/** Every image comes from the registry that is named in one place, and nobody gets it without the secret. */
export async function pullFromRegistry({ report }: Stage): Promise<void> {
  if (!registry) return report.say('– not proven here: a registry. Images are brought to the nodes');
  const { prefix } = registry;
  const { items } = await read<Pods>('pods', '-l', 'env=production');
  const nats = await read<Pods>('pods', '-l', 'app=nats');
  const all = [...items, ...nats.items];
  const pulled = all.filter(({ status }) =>
    status.containerStatuses?.every(({ imageID }) => imageID.startsWith(prefix)),
  );
  report.check(
    `of ${all.length} pods ${pulled.length} run what the registry gave`,
    pulled.length === all.length,
  );
  await refuseStranger(report);
}

async function refuseStranger(report: Stage['report']): Promise<void> {
  await kubectl('delete', 'pod', 'stranger', '--ignore-not-found');
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stranger' },
    spec: {
      automountServiceAccountToken: false,
      containers: [{ name: 'stranger', image: gameImage('1.0.0000'), imagePullPolicy: 'Always' }],
    },
  });
  const isRefused = async (): Promise<boolean> => {
    const { items } = await read<Pods>('pods', '--field-selector', 'metadata.name=stranger');
    const message = items[0]?.status.containerStatuses?.[0]?.state.waiting?.message ?? '';
    return /401|authorization|no basic auth/i.test(message);
  };
  const ms = await until('the pull without regsecret is refused', 60_000, isRefused);
  report.check(`a pod without regsecret is refused the image after ${ms} ms`, true);
  await kubectl('delete', 'pod', 'stranger', '--wait=false');
}
