import { mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectl } from '../cluster.js';
import { nothing, type Phase } from '../phase.js';
import { names, play, type Stage } from '../stage.js';
import { until } from '../pause.js';

const kinds = 'deployment,statefulset,cronjob,service,hpa,pdb';
/** A tool has its own. */
const rights = `env KUBECONFIG=${process.env.KUBECONFIG ?? `${homedir()}/.kube/config`}`;
/** As Argo CD or Flux do: what is in the folder is applied, and what was in it and no longer is goes. */
const tool = `${rights} KUBECTL_APPLYSET=true kubectl apply -n default -k . --prune --applyset=game-through-git`;

/** Goes on where the canary ended: 1.0.0001 is stable, and was started without a folder. */
export const throughGit: Phase = {
  line: 5,
  title: '1.0.0002 through a folder that a tool applies: the same as the direct way; 1.0.0001 retired',
  mustBeZero: nothing,
  async run(stage) {
    const { report, release } = stage;
    const folder = mkdtempSync(join(tmpdir(), 'ccgame-git-'));
    const write = ['--write', folder, '--publish', tool];
    await release('deploy', '1.0.0002', '--patience', '120', ...write);
    await sameAsDirect(stage);
    await until('a match is played on 1.0.0002', 60_000, () => play(stage, '1.0.0002').then(() => true));
    await release('promote', '1.0.0002', ...write);
    const checked = await release('check', ...write);
    report.check(
      'promoted through Git, routes and jobs follow the table',
      checked.includes('Nothing would go wrong'),
    );
    await release('retire', '1.0.0001', ...write);
    const left = await names('version=1.0.0001,serverType in (http,connector,matching)');
    report.check(`1.0.0001 is retired: ${left.length} pods left`, left.length === 0);
  },
};

interface Listed {
  kind: string;
  metadata: { name: string; labels: object };
  spec: {
    clusterIP?: string;
    clusterIPs?: string[];
    suspend?: boolean;
    replicas?: number;
    /** An autoscaler has it. */
    scaleTargetRef?: { kind: string; name: string };
  };
}

async function objectsOf(version: string): Promise<Record<string, string>> {
  const { items } = JSON.parse(await kubectl('get', kinds, '-l', `version=${version}`, '-o', 'json')) as {
    items: Listed[];
  };
  const scaled = new Set(
    items.map(({ spec }) => `${spec.scaleTargetRef?.kind} ${spec.scaleTargetRef?.name}`),
  );
  return Object.fromEntries(
    items.map(({ kind, metadata: { name, labels }, spec }) => {
      const { clusterIP: _, clusterIPs: __, suspend: ___, ...same } = spec;
      // The autoscaler moves it while the two are compared.
      if (scaled.has(`${kind} ${name}`)) delete same.replicas;
      const told = JSON.stringify([labels, same], (key, value: unknown) =>
        key === 'applyset.kubernetes.io/part-of' ? undefined : value,
      );
      return [`${kind} ${nameless(name, version)}`, nameless(told, version)];
    }),
  );
}

const nameless = (text: string, version: string): string =>
  text.replaceAll(version, '<version>').replaceAll(`v${version.replaceAll('.', '')}`, '<v>');

async function sameAsDirect({ report }: Stage): Promise<void> {
  const [direct, written] = [await objectsOf('1.0.0001'), await objectsOf('1.0.0002')];
  const all = [...new Set([...Object.keys(direct), ...Object.keys(written)])];
  const differ = all.filter((name) => direct[name] !== written[name]);
  for (const name of differ) report.say(`${name}:\n${direct[name]}\n${written[name]}`);
  report.check(
    `the folder gives what the direct way gives: of ${all.length} objects differ ${differ.join(', ') || 'none'}`,
    all.length > 9 && differ.length === 0,
  );
}
