import { channelsOf, type Manifest } from './manifest.js';

describe('the channels of manifests', () => {
  const pods = (CHANNEL: object): object => ({
    metadata: { labels: { env: 'staging' } },
    spec: { containers: [{ name: 'one', image: 'game:1', env: [{ name: 'CHANNEL', ...CHANNEL }] }] },
  });
  const manifest = (spec: object): Manifest =>
    ({ apiVersion: 'v1', kind: 'Deployment', metadata: { name: 'one' }, spec }) as Manifest;
  const label = { valueFrom: { fieldRef: { fieldPath: "metadata.labels['env']" } } };

  it('are those of pods and jobs, as a value or a label, each once', () => {
    const [deployment, job] = [pods(label), pods({ value: 'eu' })];
    const manifests = [
      manifest({ template: deployment }),
      manifest({ jobTemplate: { spec: { template: job } } }),
      manifest({ template: deployment }),
      manifest({ ports: [] }),
    ];
    expect(channelsOf(manifests)).toEqual(['staging', 'eu']);
  });

  it('are not known where something else has the value', () => {
    const elsewhere = pods({ valueFrom: { configMapKeyRef: { name: 'game', key: 'channel' } } });
    expect(channelsOf([manifest({ template: elsewhere })])).toEqual([]);
  });
});
