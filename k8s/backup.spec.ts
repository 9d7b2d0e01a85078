import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { tmpdir } from 'node:os';
import { readTemplate, renderVersion } from '@ccgame/cli';
import { PostgresServer } from '@ccgame/testing';
import { parseAllDocuments } from 'yaml';
import { readManifests } from './read-manifests.js';

type Any = any;

const folder = join(process.cwd(), 'k8s');
const overlay = mkdtempSync(join(tmpdir(), 'ccgame-backup-overlay-'));
afterAll(() => rmSync(overlay, { recursive: true, force: true }));

/** A studio's overlay that takes the component in. */
function writeOverlay(name: string, lines: object): string {
  const path = join(overlay, name);
  mkdirSync(path, { recursive: true });
  const head = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' };
  writeFileSync(join(path, 'kustomization.yaml'), JSON.stringify({ ...head, ...lines }));
  return path;
}
const from = (path: string, target: string): string => relative(join(overlay, path), join(folder, target));

describe('backups in a cluster', () => {
  it('are restored when all servers are gone, and no job that is done is waited for', () => {
    const line = /kubectl wait pod --for=delete --selector '(.*)' --timeout=(\d+)s/;
    const [, selector = '', seconds = ''] = line.exec(readFileSync('docs/deploy.md', 'utf8')) ?? [];
    const isChosen = (labels: Record<string, string>): boolean =>
      selector.split(',').every((term) => {
        const [label = '', other] = term.split('!=');
        return other === undefined ? label in labels : labels[label] !== other;
      });
    const all = parseAllDocuments(
      execFileSync('kubectl', ['kustomize', join(folder, 'release')], { encoding: 'utf8' }),
    ).map((one): Any => one.toJS());
    for (const { kind, spec } of all) {
      const pod = kind === 'CronJob' ? spec.jobTemplate.spec.template : spec?.template;
      if (!pod?.metadata) continue;
      expect([pod.metadata.labels.serverType, isChosen(pod.metadata.labels)]).toEqual([
        pod.metadata.labels.serverType,
        kind !== 'CronJob',
      ]);
      if (kind !== 'CronJob') expect(Number(seconds)).toBeGreaterThan(pod.spec.terminationGracePeriodSeconds);
    }
  });

  it('are restored with as many servers as there were, also where the first lines are said twice', () => {
    const [, lines = ''] =
      /\*\*Restore\*\*[^]*?```sh\n([^]*?)```/.exec(readFileSync('docs/deploy.md', 'utf8')) ?? [];
    const [bin, state, work] = ['bin', 'state', 'work'].map((name) => join(overlay, name));
    const sizes = { 'StatefulSet/connector-prod-v100000': '20', 'Deployment/http-prod-v100000': '12' };
    const sizeOf = (workload: string): string => readFileSync(join(state, workload), 'utf8').trim();
    for (const path of [bin, work, ...Object.keys(sizes).map((name) => join(state, dirname(name)))])
      mkdirSync(path, { recursive: true });
    for (const [workload, size] of Object.entries(sizes)) writeFileSync(join(state, workload), size);
    const kubectl = `#!/bin/sh
      cd ${state}
      for last; do :; done
      case "$*" in
        "get deployment,statefulset "*) for one in */*; do echo "$one $(cat "$one")"; done ;;
        "scale deployment,statefulset "*) for one in */*; do echo "\${last#--replicas=}" > "$one"; done ;;
        "scale "*) echo "\${last#--replicas=}" > "$2" ;;
      esac`;
    for (const [name, script] of [
      ['kubectl', kubectl],
      ['npx', '#!/bin/sh'],
    ])
      writeFileSync(join(bin, name), script, { mode: 0o755 });
    const run = (script: string): Buffer =>
      execFileSync('sh', ['-ec', script], {
        cwd: work,
        env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
      });
    run(lines.split('npx ccgame restore')[0] ?? '');
    expect(Object.keys(sizes).map(sizeOf)).toEqual(['0', '0']);
    run(lines);
    expect(Object.fromEntries(Object.keys(sizes).map((name) => [name, sizeOf(name)]))).toEqual(sizes);
  });

  it('are a job of each version, with the version’s image, the volume, and a NATS user of their own', () => {
    const path = writeOverlay('release', {
      resources: [from('release', 'release')],
      components: [from('release', 'backup'), from('release', 'nats/tls')],
    });
    const rendered = renderVersion(readTemplate(path), { version: '1.0.0001' }) as Any[];
    const job = rendered.find(({ metadata }) => metadata.name === 'back-up-prod-v100001');
    // Resumed where the version is stable, as all of its jobs.
    expect(job.spec.suspend).toBe(true);
    const { containers, volumes } = job.spec.jobTemplate.spec.template.spec;
    const [{ image, env, args, volumeMounts }] = containers;
    expect(image).toBe('ccgame:1.0.0001');
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(scripts).toHaveProperty([args[args.indexOf('--') - 1]]);
    const { secretKeyRef } = env.find(({ name }: Any) => name === 'NATS_ADDRESS').valueFrom;
    const secrets = readManifests(join(folder, 'secrets/example-secrets.yaml')) as Any[];
    const address = secrets.find(({ metadata }) => metadata.name === secretKeyRef.name)?.stringData;
    expect(address[secretKeyRef.key]).toMatch(/^nats:\/\/backup:/);
    expect(env.map(({ name }: Any) => name)).toContain('NATS_TLS_CA');
    const claim = volumes.find(({ name }: Any) => name === 'backups').persistentVolumeClaim.claimName;
    const [volume] = readManifests(join(folder, 'backup/volume/volume.yaml'));
    expect(volume?.metadata.name).toBe(claim);
    const mount = volumeMounts.find(({ name }: Any) => name === 'backups').mountPath;
    expect(args[args.indexOf('--folder') + 1].startsWith(`${mount}/`)).toBe(true);
  });

  it('of PostgreSQL are written by the manifest’s own command, and restored', async () => {
    const path = writeOverlay('foundation', {
      resources: [from('foundation', 'foundation'), from('foundation', 'backup/postgresql')],
      components: [from('foundation', 'registry')],
    });
    const built = execFileSync('kubectl', ['kustomize', path], { encoding: 'utf8' });
    const job = parseAllDocuments(built)
      .map((one): Any => one.toJS())
      .find(({ kind }) => kind === 'CronJob');
    const [{ command, args }] = job.spec.jobTemplate.spec.template.spec.containers;
    const postgres = await PostgresServer.start();
    try {
      const DATABASE = postgres.connectionString;
      const run = (program: string, ...given: string[]): string =>
        execFileSync(program, given, { encoding: 'utf8' });
      const ask = (sql: string): string => run('psql', '--no-psqlrc', '-Atc', sql, DATABASE).trim();
      ask('create table kept (id int primary key, body json); insert into kept values (1, \'{"level": 7}\')');
      ask("create function kept_level() returns text language sql as 'select body ->> ''level'' from kept'");
      const dumps = join(overlay, 'dumps');
      mkdirSync(dumps);
      const old = join(dumps, '2020-01-01T00-00-00Z.dump');
      writeFileSync(old, '');
      utimesSync(old, 0, 0);
      // Last night a run found no room.
      writeFileSync(join(dumps, '2026-01-01T00-00-00Z.dump.part'), '');
      const env = { ...process.env, DATABASE, FOLDER: dumps, KEEP_DAYS: '14' };
      execFileSync(command[0], [...command.slice(1), ...args], { env });
      const [dump = '', ...more] = readdirSync(dumps);
      expect([dump, more]).toEqual([expect.stringMatching(/Z\.dump$/), []]);
      ask('drop function kept_level; drop table kept');
      run('pg_restore', '--clean', '--if-exists', `--dbname=${DATABASE}`, join(dumps, dump));
      expect(ask('select kept_level()')).toBe('7');
    } finally {
      await postgres.destroy();
    }
  });
});
