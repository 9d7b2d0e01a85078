import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { versionName } from '@ccgame/config';
import { addVersion, firstTable, type ReleaseTable } from '@ccgame/releases';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../render/manifest.js';
import { readTemplate } from '../render/template.js';
import { Kubectl } from './kubectl.js';
import { KubectlTarget } from './kubectl-target.js';

const [older, stable, next] = ['1.0.0000', '1.0.0001', '1.0.0002'];
const table: ReleaseTable = addVersion(next)({
  ...firstTable('production', stable, [older]),
  fallbacks: { http: { [stable]: older } },
});

/** The answers of a cluster, behind a `kubectl` on PATH. */
describe('a version that starts in a cluster', () => {
  const template = readTemplate(join('k8s', 'release'));
  const { PATH } = process.env;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ccgame-kubectl-start-'));
    const script = `#!/bin/sh
      case "$*" in
        *"config view"*) echo '{"current-context":""}' ;;
        "version -o json"*) echo '{"serverVersion":{"major":"1","minor":"34"}}' ;;
        *"apply --dry-run"*) ;;
        *apply*) cat > ${folder}/applied ;;
        *"get deployment,statefulset -l env=production,serverType,version -o json"*) cat ${folder}/workloads ;;
        *) echo "not expected: $*" >&2; exit 1 ;;
      esac`;
    writeFileSync(join(folder, 'kubectl'), script);
    chmodSync(join(folder, 'kubectl'), 0o755);
    process.env.PATH = `${folder}:${PATH}`;
  });
  afterEach(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true, force: true });
  });

  const workload = (serverType: string, version: string, replicas: number): object => ({
    metadata: { name: `${serverType}-prod-${versionName(version)}`, labels: { serverType, version } },
    spec: { replicas },
  });

  /** By server type. */
  async function startedWith(workloads: object[], given?: ReleaseTable): Promise<Record<string, unknown>> {
    writeFileSync(join(folder, 'workloads'), JSON.stringify({ items: workloads }));
    await new KubectlTarget(template, await Kubectl.at()).start(next, {}, given);
    const applied = parseAllDocuments(readFileSync(join(folder, 'applied'), 'utf8')).map(
      (one) => one.toJS() as Manifest,
    );
    const replicas = applied.flatMap(({ metadata, spec }) =>
      spec?.replicas === undefined ? [] : [[metadata.labels?.serverType, spec.replicas] as const],
    );
    return Object.fromEntries(replicas);
  }

  it('has as many servers as serve the stable version by now, and no fewer than its manifests say', async () => {
    const running = [
      workload('connector', stable, 40),
      workload('matching', stable, 1),
      // It serves stable, which has none.
      workload('http', older, 7),
      workload('connector', older, 90),
    ];
    expect(await startedWith(running, table)).toMatchObject({ connector: 40, matching: 2, http: 7 });
  });

  it('keeps the number that it has already, and that of its manifests where it is the first one', async () => {
    const own = workload('connector', next, 5);
    expect(await startedWith([own, workload('connector', stable, 40)], table)).toMatchObject({
      connector: 5,
    });
    expect(await startedWith([])).toMatchObject({ connector: 3, matching: 2 });
  });
});
