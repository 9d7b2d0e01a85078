import { join } from 'node:path';
import { readManifests } from './read-manifests.js';

interface Named {
  kind: string;
  metadata: { name: string };
}

interface Service extends Named {
  spec: { publishNotReadyAddresses?: boolean };
}

interface StatefulSet extends Named {
  spec: {
    template: {
      spec: { containers: { startupProbe: { periodSeconds: number; failureThreshold: number } }[] };
    };
  };
}

const find = (nats: string, kind: string): Named | undefined =>
  (readManifests(join(process.cwd(), `k8s/nats/${nats}/nats.yaml`)) as Named[]).find(
    (one) => one.kind === kind && one.metadata.name === 'nats',
  );
const clientService = (nats: string): Service | undefined => find(nats, 'Service') as Service | undefined;

describe('the Service by which the game finds NATS', () => {
  it('leads to the only server as soon as it listens', () => {
    expect(clientService('single')?.spec.publishNotReadyAddresses).toBe(true);
  });

  it('leads to no server of a cluster that has not caught up', () => {
    expect(clientService('cluster')?.spec.publishNotReadyAddresses).toBeUndefined();
  });
});

describe('a NATS server that starts', () => {
  // At 25 MB a second, as a shared disk gives, 20 GB are read in 13 minutes.
  it.each(['single', 'cluster'])('is not killed while it reads or gets what it stores: %s', (nats) => {
    const { spec } = find(nats, 'StatefulSet') as StatefulSet;
    const [probe] = spec.template.spec.containers.map(({ startupProbe }) => startupProbe);
    expect((probe?.periodSeconds ?? 0) * (probe?.failureThreshold ?? 0)).toBeGreaterThanOrEqual(900);
  });
});
