import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untilHolds } from '@ccgame/testing';
import { awaitReady, StartFailed } from '../../await-servers.js';
import type { Template } from '../../render/template.js';
import type { KubectlTarget } from '../kubectl-target.js';
import type { ServerCount } from '../target.js';
import { FolderTarget } from './folder-target.js';
import { ManifestFolder, versionFile } from './manifest-folder.js';

const version = '1.0.0001';
const types = ['connector', 'http'];
const minute = 60_000;

/** `ccgame release deploy --write`, which can only wait for whoever applies what it wrote. */
describe('a version in Git', () => {
  let root: string;
  let path: string;
  let printed: string[];
  /** Its servers that the cluster has. */
  let counts: ServerCount[];
  /** The clock at each question to the cluster; it stands after the last one. */
  let looks: number[];
  let target: FolderTarget;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ccgame-unapplied-'));
    path = join(root, 'deploy');
    [printed, counts, looks] = [[], [], []];
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
    const folder = new ManifestFolder(path, root);
    const manifests = types.map((serverType) => ({
      apiVersion: 'apps/v1',
      kind: serverType === 'http' ? 'Deployment' : 'StatefulSet',
      metadata: { name: `${serverType}-prod-v100001`, labels: { serverType, version } },
    }));
    folder.writeManifests(versionFile(version), manifests);
    folder.notePublished();
    const cluster = {
      servers: () => {
        now = looks.shift() ?? now;
        return Promise.resolve({ counts, instances: [] });
      },
      startProblems: () => Promise.resolve([]),
      hasRoutes: () => Promise.resolve(false),
      lastWords: () => Promise.resolve(''),
    } as unknown as KubectlTarget;
    const template = { serverTypes: types, jobTypes: [] } as unknown as Template;
    target = new FolderTarget({ template, cluster, folder, publish: () => Promise.resolve() });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(root, { recursive: true, force: true });
  });

  const ready = (): Promise<void> => awaitReady(target, { version, types, patienceMs: 15_000 });
  /** A look at a start asks for the servers twice. */
  const twice = (...times: number[]): number[] => times.flatMap((at) => [at, at]);
  const count = (serverType: string): ServerCount => ({ serverType, version, wanted: 1, ready: 1 });
  const told = (): string[] => printed.filter((line) => line.includes('has not applied'));

  it('that no tool applies is told each minute with what is missing, and given up after half an hour', async () => {
    looks = twice(0, 4_000, 30_000, 64_000, 70_000, 30 * minute);
    const failure = await ready().catch((error: Error) => error);
    expect(failure).toBeInstanceOf(StartFailed);
    const sentence = `the cluster's tool has not applied ${path}/version-1.0.0001.yaml (is it committed and pushed, and does the tool run?)`;
    expect((failure as Error).message).toBe(`connector, http does not become ready: ${sentence}`);
    expect(told()).toEqual([
      `  connector, http: ${sentence}`,
      `  connector, http: ${sentence}, for 1 min by now`,
      `  connector, http: ${sentence}, for 30 min by now`,
    ]);
    expect(looks).toEqual([]);
  }, 30_000);

  it('is waited for with what the tool has not reached yet, and is ready when all of it is', async () => {
    counts = [count('http')];
    looks = twice(0, 20 * minute);
    const done = ready();
    await untilHolds(() => told().length > 0);
    expect(told()).toEqual([expect.stringMatching(/^ {2}connector: the cluster's tool/)]);
    counts = types.map(count);
    await done;
  }, 30_000);

  it('that no tool removes is told each minute too, and none of its servers as one that was told to stop', async () => {
    counts = types.map(count);
    looks = [0, minute, minute + 1_000, 31 * minute];
    await expect(target.stop(version)).rejects.toThrow(
      /^The cluster still has workloads of 1\.0\.0001 after 31 min: its tool has not applied .*deploy, or waits until their servers have stopped\. Servers run on; the same command once more goes on\.$/,
    );
    expect(told()).toEqual([expect.stringContaining('workloads of 1.0.0001 after 1 min')]);
  }, 30_000);

  it('is removed when the tool has removed it', async () => {
    counts = types.map(count);
    const done = target.stop(version);
    await untilHolds(() => !existsSync(join(path, versionFile(version))));
    counts = [{ ...count('http'), version: '1.0.0000' }];
    await done;
  }, 30_000);
});
