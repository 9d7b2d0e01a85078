import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { awaitGone, awaitReady } from '../await-servers.js';
import { chooseTarget } from '../choose-target.js';
import { readTemplate } from '../render/template.js';
import { Kubectl, withoutLog } from './kubectl.js';
import { KubectlTarget } from './kubectl-target.js';

const labels = { serverType: 'connector', version: '1.0.0000' };
const owned = (kind: string) => [{ kind, controller: true }];
const isReady = (status: 'True' | 'False') => [{ type: 'Ready', status }];

const workload = (replicas: number, ready: number): object => ({
  kind: 'StatefulSet',
  metadata: { name: 'connector-prod-v100000', generation: 1, labels },
  spec: { replicas },
  status: { observedGeneration: 1, replicas, readyReplicas: ready, updatedReplicas: replicas },
});

/** A pod's state as Kubernetes 1.34 tells it. */
function pod(name: string, status: object, metadata: object = {}): object {
  return {
    kind: 'Pod',
    metadata: { name, uid: `uid-of-${name}`, labels, ownerReferences: owned('StatefulSet'), ...metadata },
    spec: { nodeName: 'node-1', terminationGracePeriodSeconds: 130 },
    status: { phase: 'Running', conditions: isReady('False'), ...status },
  };
}
const running = { containerStatuses: [{ started: true, restartCount: 0, state: { running: {} } }] };
const completed = pod(
  'settle-29384-x',
  {
    phase: 'Succeeded',
    containerStatuses: [{ restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
  },
  { ownerReferences: owned('Job'), labels: { ...labels, serverType: 'cron' } },
);
const waiting = (reason: string, message: string, more: object = {}): object => ({
  phase: 'Pending',
  containerStatuses: [{ restartCount: 0, state: { waiting: { reason, message } }, ...more }],
});

describe('what kubectl says', () => {
  it('is told without the lines of its log, where there is more', () => {
    const line = 'E1129 03:52:54.815132   23148 memcache.go:265] "Unhandled Error" err="…"';
    expect(withoutLog(`${line}\n${line}\nThe connection was refused\n`)).toBe('The connection was refused');
    expect(withoutLog(`${line}\n`)).toBe(line);
  });
});

/** The answers of a cluster, behind a `kubectl` on PATH: nothing else of the command is replaced. */
describe('the cluster as a target', () => {
  const overlay = join('k8s', 'release');
  const template = readTemplate(overlay);
  const { PATH } = process.env;
  let folder: string;
  let printed: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ccgame-kubectl-'));
    printed = [];
    jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    answer('config', {
      'current-context': 'live',
      contexts: [
        { name: 'live', context: { cluster: 'eu-1', namespace: 'game' } },
        { name: 'test', context: { cluster: 'lab' } },
      ],
    });
    answer('node', { items: [{ metadata: { name: 'node-1' }, status: { conditions: isReady('True') } }] });
    answer('events', { items: [] });
    const script = `#!/bin/sh
      echo "$@" >> ${folder}/calls
      case "$*" in
        *"config view"*) cat ${folder}/config ;;
        *"get node"*) cat ${folder}/node || { echo "nodes is forbidden: cannot list" >&2; exit 1; } ;;
        *"get events"*) cat ${folder}/events ;;
        *"get deployment,statefulset,pod"*) cat ${folder}/servers ;;
        *"get configmap"*) ;;
        *" delete "*) ;;
        *"get pod "*) cat ${folder}/pod ;;
        *"--container migrate "*) echo "no such table" ;;
        *"--container connectorapp "*) echo "no such port" ;;
        *logs*) echo "listen EADDRINUSE" ;;
        *) echo "not expected: $*" >&2; exit 1 ;;
      esac`;
    writeFileSync(join(folder, 'kubectl'), script);
    chmodSync(join(folder, 'kubectl'), 0o755);
    process.env.PATH = `${folder}:${PATH}`;
  });
  afterEach(() => {
    process.env.PATH = PATH;
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  const answer = (what: string, content: object): void =>
    writeFileSync(join(folder, what), JSON.stringify(content));
  const servers = (...items: object[]): void => answer('servers', { items });
  const target = async (): Promise<KubectlTarget> => new KubectlTarget(template, await Kubectl.at());

  it('takes the pods of a job for no servers: a version is gone though they stay', async () => {
    servers(completed);
    await awaitGone(await target(), '1.0.0000');
    expect(await (await target()).servers()).toEqual({ counts: [], instances: [] });
  });

  it('takes a pod that was evicted for no server, or a restore would wait for it for ever', async () => {
    const evicted = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' };
    servers(pod('connector-prod-v100000-0', evicted));
    expect((await (await target()).servers()).instances).toEqual([]);
  });

  it('knows a server by its own container, and not by a proxy that crashes beside it', async () => {
    const [game] = running.containerStatuses;
    const proxy = { name: 'auth-proxy', restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } };
    servers(
      pod('connector-prod-v100000-0', { containerStatuses: [proxy, { name: 'connectorapp', ...game }] }),
    );
    expect((await (await target()).servers()).instances).toMatchObject([{ state: 'running' }]);
  });

  it('does not wait for a pod on a node that does not answer, and says so', async () => {
    answer('node', {
      items: [
        { metadata: { name: 'node-1' }, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
      ],
    });
    servers(pod('connector-prod-v100000-0', running, { deletionTimestamp: '2026-11-28T04:00:00Z' }));
    await awaitGone(await target(), '1.0.0000');
    expect(printed.join('\n')).toContain('connector-prod-v100000-0 is on node-1, which does not answer');
  });

  it('knows such a pod by its own conditions, where it may not look at nodes', async () => {
    rmSync(join(folder, 'node'));
    const conditions = (containers: 'True' | 'False') => [
      ...isReady('False'),
      { type: 'ContainersReady', status: containers },
    ];
    const stopping = { deletionTimestamp: '2026-11-28T04:00:00Z' };
    servers(pod('connector-prod-v100000-0', { ...running, conditions: conditions('True') }, stopping));
    await awaitGone(await target(), '1.0.0000');
    expect(printed.join('\n')).toContain('connector-prod-v100000-0 is on node-1, which does not answer');
    // The kubelet itself says so of one that stops.
    servers(pod('connector-prod-v100000-0', { ...running, conditions: conditions('False') }, stopping));
    const [instance] = (await (await target()).servers()).instances;
    expect(instance).not.toHaveProperty('lostNode');
    // And of one that a balancer has not let in yet, or not any more.
    const [containers] = conditions('True').slice(1);
    const gated = { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady' };
    servers(pod('connector-prod-v100000-0', { ...running, conditions: [gated, containers] }));
    const [waiting] = (await (await target()).servers()).instances;
    expect(waiting).toMatchObject({ state: 'running', isReady: false });
    expect(waiting).not.toHaveProperty('lostNode');
  });

  it('shows what still stops, and waits for it', async () => {
    servers(pod('connector-prod-v100000-0', running, { deletionTimestamp: '2026-11-28T04:00:00Z' }));
    const gone = awaitGone(await target(), '1.0.0000');
    while (printed.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(printed).toEqual(['1.0.0000: connector-prod-v100000-0 is still stopping']);
    servers(completed);
    await gone;
  });

  it.each([
    ['a wrong tag', waiting('ImagePullBackOff', 'not found'), /ImagePullBackOff: not found/],
    [
      'no place',
      {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/1 nodes: Insufficient cpu',
          },
        ],
      },
      /Unschedulable: 0\/1 nodes: Insufficient cpu/,
    ],
    [
      'a crash loop',
      waiting('CrashLoopBackOff', 'back-off 10s', {
        restartCount: 2,
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      }),
      /its process ended \(Error, exit code 1\), 2 times so far\n {4}listen EADDRINUSE/,
    ],
    ['a failing probe', running, /Startup probe failed: HTTP probe failed with statuscode: 503/],
  ])('says why a pod does not become ready: %s', async (_, status, reason) => {
    const message = 'Startup probe failed: HTTP probe failed with statuscode: 503';
    const of = (uid: string, text: string): object => ({
      involvedObject: { name: 'connector-prod-v100000-0', uid },
      reason: 'Unhealthy',
      message: text,
      lastTimestamp: '2026-11-28T04:00:00Z',
    });
    // One of a former pod of that name says nothing.
    answer('events', {
      items: [of('uid-of-connector-prod-v100000-0', message), of('of-the-former', 'old')],
    });
    servers(workload(1, 0), pod('connector-prod-v100000-0', status));
    const waited = { version: '1.0.0000', types: ['connector'], patienceMs: 1000 };
    await expect(awaitReady(await target(), waited)).rejects.toThrow(reason);
    expect(printed[0]).toBe('1.0.0000: connector 0/1');
  });

  const ended = (exitCode: number): object => ({
    terminated: { exitCode, reason: exitCode ? 'Error' : 'Completed' },
  });
  const crashing = (name: string): object => ({
    name,
    restartCount: 1,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: ended(3),
  });
  it.each([
    [
      'a container that runs first',
      {
        phase: 'Pending',
        initContainerStatuses: [{ name: 'prepare', restartCount: 1, state: ended(0) }, crashing('migrate')],
        containerStatuses: [
          { name: 'connectorapp', restartCount: 0, state: { waiting: { reason: 'PodInitializing' } } },
        ],
      },
      /the process of its container migrate ended \(Error, exit code 3\), 1 times so far\n {4}no such table/,
    ],
    [
      'its own container beside a proxy',
      { containerStatuses: [{ name: 'a-proxy', ...running.containerStatuses[0] }, crashing('connectorapp')] },
      /its process ended \(Error, exit code 3\), 1 times so far\n {4}no such port/,
    ],
  ])('says why, and the last words, of %s', async (_, status, reason) => {
    const troubled = pod('connector-prod-v100000-0', status);
    answer('pod', troubled);
    servers(workload(1, 0), troubled);
    const waited = { version: '1.0.0000', types: ['connector'], patienceMs: 1000 };
    await expect(awaitReady(await target(), waited)).rejects.toThrow(reason);
  });

  it('says why there is no pod at all', async () => {
    const none = { ...workload(1, 0), status: { observedGeneration: 1, replicas: 0 } };
    const message = 'pods "connector-prod-v100000-0" is forbidden: exceeded quota';
    answer('events', {
      items: [
        { involvedObject: { name: 'connector-prod-v100000', uid: 'x' }, reason: 'FailedCreate', message },
      ],
    });
    servers(none);
    const waited = { version: '1.0.0000', types: ['connector'], patienceMs: 1000 };
    await expect(awaitReady(await target(), waited)).rejects.toThrow(/exceeded quota/);
  });

  it('stays with the context that was the current one, and asks before it changes it', async () => {
    const options = { target: 'kubectl' as const, yes: false, overlay };
    await expect(chooseTarget(options, 'changes')).rejects.toThrow(
      /This would change cluster eu-1 \(context live, namespace game\), channel production, NATS .*Say --yes/,
    );
    const place = await chooseTarget(options, 'reads');
    answer('config', { 'current-context': 'other', contexts: [] });
    servers(completed);
    await place.target.servers();
    const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
    expect(calls.at(-1)).toMatch(/^--context live --namespace game get deployment/);
  });

  it.each([
    ['what is said', { context: 'test', namespace: 'dice' }, '--context test --namespace dice get'],
    ['the own name space of what is said', { context: 'test' }, '--context test --namespace default get'],
    ['another name space of the current one', { namespace: 'dice' }, '--context live --namespace dice get'],
    [
      'the name space of the overlay',
      { overlay: join('k8s', 'overlays', 'staging') },
      '--context live --namespace staging get',
    ],
  ])('is the context of %s, for every call', async (_, said, expected) => {
    servers(completed);
    const options = { target: 'kubectl' as const, yes: true, overlay, ...said };
    const place = await chooseTarget(options, 'changes');
    await place.target.servers();
    const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
    const inCluster = calls.filter((call) => !call.startsWith('config view'));
    expect(inCluster.length).toBeGreaterThan(1);
    for (const call of inCluster) expect(call.slice(0, expected.length)).toBe(expected);
  });

  it('has the channel of its servers, and no other', async () => {
    const options = { target: 'kubectl' as const, yes: true, overlay };
    expect(await chooseTarget({ ...options, channel: 'production' }, 'changes')).toMatchObject({
      channel: 'production',
    });
    const staging = { ...options, overlay: join('k8s', 'overlays', 'staging') };
    expect(await chooseTarget(staging, 'reads')).toMatchObject({ channel: 'staging' });
    await expect(chooseTarget({ ...staging, channel: 'production' }, 'changes')).rejects.toThrow(
      /^--channel says production, but the servers of \S+staging belong to the channel staging/,
    );
  });

  it('is never another one than the context that was said', async () => {
    const options = { target: 'kubectl' as const, yes: true, overlay, context: 'typo' };
    await expect(chooseTarget(options, 'changes')).rejects.toThrow('kubectl knows no context typo.');
  });

  it('takes away all kinds that an overlay adds to a version, and nothing that has no version', async () => {
    const added = (kind: string, labelled: Record<string, string>) => ({
      apiVersion: 'keda.sh/v1alpha1',
      kind,
      metadata: { name: 'one', labels: labelled },
    });
    const manifests = [
      ...template.manifests,
      added('ScaledObject', labels),
      added('TriggerAuthentication', {}),
    ];
    await new KubectlTarget({ ...template, manifests }, await Kubectl.at()).stop('1.0.0000');
    const calls = readFileSync(join(folder, 'calls'), 'utf8');
    expect(calls).toMatch(
      /delete deployment,statefulset,cronjob,service,hpa,pdb,scaledobject\.keda\.sh -l \S*version=1\.0\.0000/,
    );
  });
});
