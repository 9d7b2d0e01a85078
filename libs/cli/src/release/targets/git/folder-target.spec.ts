import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addVersion, firstTable, markLive, promoteVersion, type ReleaseTable } from '@ccgame/releases';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../render/manifest.js';
import { readTemplate, type Template } from '../../render/template.js';
import { Kubectl } from '../kubectl.js';
import { KubectlTarget } from '../kubectl-target.js';
import { FolderTarget } from './folder-target.js';
import { ManifestFolder, versionFile } from './manifest-folder.js';
import { publishChange } from './publish.js';

const template = readTemplate(join('k8s', 'release'));
const { PATH } = process.env;
const first = firstTable('production', '1.0.0000');
const second: ReleaseTable = [
  addVersion('1.0.0001'),
  markLive('1.0.0001'),
  promoteVersion('1.0.0001'),
].reduce((table, change) => change(table), first);

/** A tool that applies a folder from Git: `kubectl kustomize` reads it, as `kubectl apply -k` and such tools do. */
describe('ccgame release --write', () => {
  let root: string;
  let path: string;
  let changes: string[];
  let isPushed: boolean;
  let target: FolderTarget;
  let direct: KubectlTarget;

  beforeEach(async () => {
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
    root = mkdtempSync(join(tmpdir(), 'ccgame-write-'));
    path = join(root, 'deploy');
    changes = [];
    isPushed = true;
    const script = `#!/bin/sh
      case "$*" in
        *"config view"*) echo '{"current-context":""}' ;;
        "version -o json"*) echo '{"serverVersion":{"major":"1","minor":"34"}}' ;;
        *"apply --dry-run"*) ;;
        *apply*) { echo ---; cat; } >> ${root}/applied.yaml ;;
        *"-o json"*) echo '{"items":[]}' ;;
        *"-o name"*) cat ${root}/routed 2>/dev/null || true ;;
        *) echo "not expected: $*" >&2; exit 1 ;;
      esac`;
    writeFileSync(join(root, 'kubectl'), script);
    chmodSync(join(root, 'kubectl'), 0o755);
    process.env.PATH = `${root}:${PATH}`;
    direct = new KubectlTarget(template, await Kubectl.at());
    target = targetOn(path);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.env.PATH = PATH;
    rmSync(root, { recursive: true, force: true });
  });

  function targetOn(folder: string, of = template): FolderTarget {
    const publish = (sentence: string): Promise<void> => {
      changes.push(sentence);
      return isPushed ? Promise.resolve() : Promise.reject(new Error('rejected'));
    };
    return new FolderTarget({
      template: of,
      cluster: direct,
      folder: new ManifestFolder(folder, root),
      publish,
    });
  }
  const documents = (text: string): Manifest[] =>
    parseAllDocuments(text).flatMap((one) => (one.toJS() as Manifest | null) ?? []);
  const written = (): Manifest[] =>
    documents(
      execFileSync('kubectl', ['kustomize', path], { encoding: 'utf8', env: { ...process.env, PATH } }),
    );
  const byName = (manifests: Manifest[]): Record<string, Manifest> =>
    Object.fromEntries(manifests.map((one) => [`${one.kind} ${one.metadata.name}`, one]));
  const isActive = (version: string): boolean =>
    written()
      .filter(({ kind, metadata }) => kind === 'CronJob' && metadata.labels?.version === version)
      .every(({ spec }) => spec?.suspend === false);

  it('writes all that would be applied, but for the replicas that an autoscaler owns', async () => {
    for (const one of [direct, target]) {
      await one.start('1.0.0000', {});
      await one.start('1.0.0001', { image: 'registry:5000/game@sha256:12', only: ['matching', 'http'] });
    }
    const applied = byName(documents(readFileSync(join(root, 'applied.yaml'), 'utf8')));
    for (const name of [
      'Deployment http-prod-v100000',
      'StatefulSet connector-prod-v100000',
      'Deployment http-prod-v100001',
    ])
      delete applied[name]?.spec?.replicas;
    expect(Object.keys(applied).length).toBeGreaterThan(16);
    expect(applied['StatefulSet matching-prod-v100000']?.spec?.replicas).toBe(2);
    expect(byName(written())).toEqual(applied);
  });

  it('lets the routes and the jobs in Git follow a promotion', async () => {
    await target.start('1.0.0000', {});
    await target.follow(first);
    await target.start('1.0.0001', {});
    expect([isActive('1.0.0000'), isActive('1.0.0001')]).toEqual([true, false]);
    await target.follow(second);
    expect([isActive('1.0.0000'), isActive('1.0.0001')]).toEqual([false, true]);
    const route = byName(written())['HTTPRoute https'];
    expect(JSON.stringify(route)).toContain('http-prod-v100001');
    expect(changes).toEqual([
      'Start 1.0.0000',
      'Follow the release table',
      'Start 1.0.0001',
      'Follow the release table',
    ]);
    expect((await target.routeProblems(first)).join('\n')).toContain('routes.yaml says something else');
  });

  it('writes nothing when there is nothing new, also where the jobs of a version are active', async () => {
    for (const _ of ['first', 'again']) {
      await target.start('1.0.0000', {});
      await target.follow(first);
    }
    expect(changes).toEqual(['Start 1.0.0000', 'Follow the release table']);
    expect(isActive('1.0.0000')).toBe(true);
    // A first try may have written it, and failed to push.
    expect(console.log).toHaveBeenLastCalledWith(
      expect.stringContaining('has 1.0.0000 already: if it is not committed'),
    );
  });

  it.each([
    ['a start', 'Start 1.0.0001', () => target.start('1.0.0001', {})],
    ['a promotion', 'Follow the release table', () => target.follow(second)],
    ['the end of routes', 'Take the routes of 1.0.0000 away', () => target.stop('1.0.0000')],
  ])(
    'publishes once more what could not be published: %s',
    async (_, sentence, change) => {
      await target.start('1.0.0000', {});
      await target.follow(first);
      changes = [];
      isPushed = false;
      await expect(change()).rejects.toThrow('rejected');
      isPushed = true;
      // Another command, and not the one that failed.
      target = targetOn(path);
      await change();
      expect(changes.slice(0, 2)).toEqual([sentence, sentence]);
      changes = [];
      await target.follow(second);
      await target.follow(second);
      expect(changes.length).toBeLessThan(2);
    },
    30_000,
  );

  it('takes the routes of a version away, and then its servers; a type that comes later joins it', async () => {
    await target.start('1.0.0000', {});
    await target.start('1.0.0001', { only: ['matching'] });
    await target.start('1.0.0001', { only: ['http'] });
    await target.follow(second);
    const types = written().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(types).toEqual(
      expect.arrayContaining(['StatefulSet matching-prod-v100001', 'Deployment http-prod-v100001']),
    );
    changes = [];
    await target.stop('1.0.0000');
    expect(changes).toEqual(['Take the routes of 1.0.0000 away', 'Remove 1.0.0000']);
    expect(written().some(({ metadata }) => metadata.name.includes('v100000'))).toBe(false);
  }, 30_000);

  it('says that routes do not go, gives up after half an hour, and takes no server away to which they lead', async () => {
    await target.start('1.0.0000', {});
    await target.follow(second);
    writeFileSync(join(root, 'routed'), 'httproute.gateway.networking.k8s.io/https-v100000\n');
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 400_000));
    const servers = (): boolean => written().some(({ metadata }) => metadata.name.includes('v100000'));
    for (const _ of ['first', 'again, with nothing new to publish']) {
      await expect(target.stop('1.0.0000')).rejects.toThrow(
        /still has routes of 1\.0\.0000 after 33 min: .* another command wrote them there again/,
      );
      expect(servers()).toBe(true);
    }
    expect(console.log).toHaveBeenCalledWith(
      expect.stringContaining('The cluster still has routes of 1.0.0000 after 7 min'),
    );
    rmSync(join(root, 'routed'));
    await target.stop('1.0.0000');
    expect(servers()).toBe(false);
  }, 60_000);

  /** As kustomize makes a ConfigMap of a configMapGenerator, with a hash in its name: each Deployment reads it. */
  const reading = (name: string): Template => {
    const manifests = structuredClone(template.manifests);
    for (const { kind, spec } of manifests)
      if (kind === 'Deployment') Object.assign(spec as object, { reads: { configMapRef: { name } } });
    return {
      ...template,
      manifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }, ...manifests],
    };
  };
  const shared = (): string[] =>
    written()
      .flatMap(({ kind, metadata }) => (kind === 'ConfigMap' ? metadata.name : []))
      .sort();

  it('keeps what an older version reads beside its own, as long as that one is there', async () => {
    await targetOn(path, reading('rules-1')).start('1.0.0000', {});
    await targetOn(path, reading('rules-2')).start('1.0.0001', {});
    expect(shared()).toEqual(['rules-1', 'rules-2']);
    new ManifestFolder(path, root).writeManifests(versionFile('1.0.0000'), []);
    await targetOn(path, reading('rules-3')).start('1.0.0002', {});
    expect(shared()).toEqual(['rules-2', 'rules-3']);
  });

  it('keeps what the other types of a version read, where one comes later', async () => {
    await targetOn(path, reading('rules-1')).start('1.0.0000', { only: ['http'] });
    await targetOn(path, reading('rules-2')).start('1.0.0000', { only: ['matching'] });
    expect(shared()).toEqual(['rules-1', 'rules-2']);
    await targetOn(path, reading('rules-2')).start('1.0.0000', {});
    expect(shared()).toEqual(['rules-2']);
  });

  it("keeps what a studio has in the folder's kustomization", async () => {
    await target.start('1.0.0000', {});
    const file = join(path, 'kustomization.yaml');
    writeFileSync(join(path, 'own.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: own }\n');
    writeFileSync(file, `namespace: dice\nresources: [own.yaml, version-1.0.0000.yaml]\n`);
    await target.follow(first);
    expect(written().find(({ metadata }) => metadata.name === 'own')?.metadata.namespace).toBe('dice');
    expect(byName(written())['HTTPRoute https']?.metadata.namespace).toBe('dice');
  });

  it('runs the command that publishes in the folder, with what has changed, and fails when it fails', async () => {
    await target.start('1.0.0000', {});
    await publishChange(
      path,
      'Start 1.0.0000',
      'echo "$CCGAME_CHANGE" > message && ls version-1.0.0000.yaml',
    );
    expect(readFileSync(join(path, 'message'), 'utf8')).toBe('Start 1.0.0000\n');
    await expect(publishChange(path, 'Start 1.0.0000', 'echo rejected >&2; exit 1')).rejects.toThrow(
      /is written \(Start 1\.0\.0000\), but not published: rejected/,
    );
  });
});
