import { join } from 'node:path';
import { readManifests } from './read-manifests.js';

interface Service {
  kind: string;
  metadata: { name: string };
  spec: { publishNotReadyAddresses?: boolean };
}

function clientService(kind: string): Service | undefined {
  const manifests = readManifests(join(process.cwd(), `k8s/nats/${kind}/nats.yaml`)) as Service[];
  return manifests.find((one) => one.kind === 'Service' && one.metadata.name === 'nats');
}

describe('the Service by which the game finds NATS', () => {
  it('leads to the only server as soon as it listens', () => {
    expect(clientService('single')?.spec.publishNotReadyAddresses).toBe(true);
  });

  it('leads to no server of a cluster that has not caught up', () => {
    expect(clientService('cluster')?.spec.publishNotReadyAddresses).toBeUndefined();
  });
});
