import { connect } from '@ccgame/client';
import { apply, kubectl, read } from '../cluster.js';
import { login } from '../doors.js';
import { pause, until } from '../pause.js';
import { nothing, type Phase } from '../phase.js';
import { connector, http, rolledOut, type Stage } from '../stage.js';
import { measureCores } from '../used-cores.js';

export const scaleConnectors: Phase = {
  line: 6,
  title: 'connector: 3 → 5 → 2 by hand',
  mustBeZero: nothing,
  async run({ folder }) {
    // The autoscaler would undo it at once.
    await kubectl('delete', 'hpa', 'connector-prod-v100000', '--ignore-not-found');
    for (const replicas of [5, 2, 3]) {
      await kubectl('scale', connector, `--replicas=${replicas}`);
      await rolledOut(connector);
      await until(`${replicas} connectors`, 180_000, async () => (await podsOf('connector')) === replicas);
      await pause(3000);
    }
    await kubectl('apply', '-f', `${folder}/autoscaling/connector.yaml`);
  },
};

/** Percent: what the load reaches on any machine. */
const mostTarget = { http: 70, connector: 40 };
/** Most pods of a type in this proof. */
const most = 5;

interface Scaled {
  serverType: 'http' | 'connector';
  workload: string;
  /** Percent of the request of CPU, at least: twice what the pods use under the robots alone, where that is more. */
  target: number;
  /** So many a second need more than three pods by the autoscaler's target; fewer where the machine gives no more. */
  perSecond: number;
  /** Opens what asks; the function gives whether one request was answered well. */
  open: (url: string) => Promise<{ ask: () => Promise<boolean>; close: () => void }>;
}

function autoscale(scaled: Scaled): Phase {
  const { serverType, perSecond, open } = scaled;
  return {
    line: 6,
    title: `${serverType}: the autoscaler moves by itself under load, and back`,
    mustBeZero: nothing,
    async run(stage) {
      const { report, folder } = stage;
      await shorten(scaled, await targetOf(scaled));
      await until('3 pods before the load', 240_000, async () => (await podsOf(serverType)) === 3);
      const { ask, close } = await open(stage.url);
      const load = new Load(perSecond, ask);
      const isOut = async (): Promise<boolean> => (await readyOf(scaled)) === most;
      const out = await until(`${most} pods`, 240_000, isOut).catch((error: Error) => {
        load.stopSending();
        throw error;
      });
      await tellCost(report, load).finally(() => load.stopSending());
      const answered = await load.answered();
      report.check(`3 → ${most} pods ${Math.round(out / 1000)} s after the load began`, true);
      const back = await until('3 pods', 300_000, async () => (await podsOf(serverType)) === 3);
      close();
      report.check(`${most} → 3 pods ${Math.round(back / 1000)} s after it ended`, true);
      report.figure('the load', answered);
      report.check('the load itself had 0 failed requests', answered.failed === 0);
      await kubectl('apply', '-f', `${folder}/autoscaling/${serverType}.yaml`);
    },
  };
}

/** Tells the CPU of a request, by all that has to do with it; the robots' own are a few in the hundred. */
async function tellCost(report: Stage['report'], load: Load): Promise<void> {
  const [since, before] = [performance.now(), load.answeredWell];
  const cores = await measureCores();
  const perSecond = ((load.answeredWell - before) / (performance.now() - since)) * 1000;
  const microseconds = Object.fromEntries(
    Object.entries(cores).map(([kind, count]) => [kind, Math.round((count / perSecond) * 1e6)]),
  );
  report.figure('CPU', { perSecond: Math.round(perSecond), cores, microseconds });
}

const hpaOf = (serverType: string): string => `${serverType}-prod-v100000`;

interface HpaStatus {
  status?: { currentMetrics?: Array<{ resource?: { current: { averageUtilization?: number } } }> };
}

/**
 * A slow machine takes more for the same robots: with a target below that the pods would stay five for ever. Pods that have just
 * started show more than they will take.
 */
async function targetOf({ serverType, target }: Scaled): Promise<number> {
  let atRest: number | undefined;
  await until('the CPU at rest', 120_000, async () => {
    const { status } = await read<HpaStatus>('hpa', hpaOf(serverType));
    atRest = status?.currentMetrics?.[0]?.resource?.current.averageUtilization;
    return atRest !== undefined;
  });
  return Math.min(Math.max(target, 2 * (atRest ?? 0)), mostTarget[serverType]);
}

/**
 * For a small and a short proof three things differ from the manifest: 5 pods at most, in is decided after 15 s, and where
 * the machine's two cores can't give more load, a lower target.
 */
async function shorten({ serverType }: Scaled, target: number): Promise<void> {
  const name = hpaOf(serverType);
  const hpa = await read<{ metadata: { resourceVersion?: string }; spec: object }>('hpa', name);
  // The autoscaler writes its state meanwhile, and what names an older one is refused.
  delete hpa.metadata.resourceVersion;
  const cpu = { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } };
  const behavior = {
    scaleUp: { stabilizationWindowSeconds: 0 },
    scaleDown: { stabilizationWindowSeconds: 15, policies: null },
  };
  await apply({
    ...hpa,
    spec: { ...hpa.spec, maxReplicas: most, metrics: [{ type: 'Resource', resource: cpu }], behavior },
  });
}

export const autoscaleHttp = autoscale({
  serverType: 'http',
  workload: http,
  target: 70,
  perSecond: 500,
  open: (url) => Promise.resolve({ ask: () => askHttp(url), close: () => {} }),
});

export const autoscaleConnectors = autoscale({
  serverType: 'connector',
  workload: connector,
  target: 25,
  perSecond: 1_600,
  open: openSockets,
});

async function askHttp(url: string): Promise<boolean> {
  const response = await fetch(`${url}/v1/leaderboards/duel`);
  await response.arrayBuffer();
  return response.ok;
}

/** Below the requests that a player may send a second. */
const sockets = 64;

async function openSockets(url: string): Promise<{ ask: () => Promise<boolean>; close: () => void }> {
  const clients = await Promise.all(
    Array.from({ length: sockets }, async () => {
      const client = connect({ url, token: (await login(url)).token, timeoutMs: 30_000 });
      await client.ready;
      return client;
    }),
  );
  let turn = 0;
  return {
    ask: () =>
      clients[turn++ % sockets].request('matching.user_leave_matching', undefined as never).then(() => true),
    close: () => clients.forEach((client) => client.close()),
  };
}

async function podsOf(serverType: string): Promise<number> {
  const { items } = await read<{ items: object[] }>(
    'pods',
    '-l',
    `serverType=${serverType},version=1.0.0000`,
  );
  return items.length;
}

async function readyOf({ workload }: Scaled): Promise<number> {
  const { status } = await read<{ status: { readyReplicas?: number } }>(workload);
  return status.readyReplicas ?? 0;
}

/** More at a time would only wait, and take the time of the players beside them. */
const mostOpen = 64;
const tickMs = 25;

/** So many requests a second, as long as not too many wait for an answer. */
class Load {
  private readonly counts = { requests: 0, failed: 0 };
  private readonly open = new Set<Promise<void>>();
  private readonly timer = setInterval(() => this.tick(), tickMs);

  constructor(
    private readonly perSecond: number,
    private readonly ask: () => Promise<boolean>,
  ) {}

  get answeredWell(): number {
    return this.counts.requests - this.counts.failed - this.open.size;
  }

  stopSending(): void {
    clearInterval(this.timer);
  }

  async answered(): Promise<{ requests: number; failed: number }> {
    await Promise.all(this.open);
    return this.counts;
  }

  private tick(): void {
    for (let index = 0; index < (this.perSecond * tickMs) / 1_000 && this.open.size < mostOpen; index += 1) {
      const request = this.one().finally(() => this.open.delete(request));
      this.open.add(request);
    }
  }

  private async one(): Promise<void> {
    this.counts.requests += 1;
    if (!(await this.ask().catch(() => false))) this.counts.failed += 1;
  }
}
