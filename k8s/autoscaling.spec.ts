import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1';
import { readTemplate, renderVersion } from '@ccgame/cli';
import { readManifests } from './read-manifests.js';

type Any = any;

const folder = join(process.cwd(), 'k8s');

describe('connectors that are scaled by KEDA', () => {
  const overlay = mkdtempSync(join(tmpdir(), 'ccgame-keda-overlay-'));
  afterAll(() => rmSync(overlay, { recursive: true, force: true }));

  it('have one scaler a version, with the bounds and the pace of the autoscaler that it replaces', () => {
    const path = join(overlay, 'release');
    mkdirSync(path);
    const from = (target: string): string => relative(path, join(folder, target));
    const lines = { resources: [from('release')], components: [from('autoscaling/keda')] };
    const head = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' };
    writeFileSync(join(path, 'kustomization.yaml'), JSON.stringify({ ...head, ...lines }));
    const rendered = renderVersion(readTemplate(path), { version: '1.0.0001' }) as Any[];
    const [scaled, ...more] = rendered.filter(({ kind }) => kind === 'ScaledObject');
    expect(more).toEqual([]);
    new ScaledObject(scaled).validate();
    const byCpu = rendered.filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
    expect(byCpu.map(({ metadata }) => metadata.name)).toEqual(['http-prod-v100001']);
    const { spec, metadata } = scaled;
    expect(metadata.labels.version).toBe('1.0.0001');
    expect(rendered).toContainEqual(
      expect.objectContaining({
        kind: spec.scaleTargetRef.kind,
        metadata: expect.objectContaining({ name: spec.scaleTargetRef.name }),
      }),
    );
    expect(spec.triggers[0].metadata.query).toContain('version="1.0.0001"');
    const [bySockets] = readManifests(join(folder, 'autoscaling/connector-by-sockets.yaml')) as Any[];
    expect(spec.minReplicaCount).toBe(bySockets.spec.minReplicas);
    expect(spec.maxReplicaCount).toBe(bySockets.spec.maxReplicas);
    expect(spec.advanced.horizontalPodAutoscalerConfig.behavior).toEqual(bySockets.spec.behavior);
    const [{ pods }] = bySockets.spec.metrics;
    expect(spec.triggers[0].metadata.threshold).toBe(pods.target.averageValue);
    expect(spec.triggers[0].metadata.query).toContain(pods.metric.name);
  });
});
