import { apply, kubectl, read } from '../cluster.js';
import { pause, until } from '../pause.js';
import { nothing, type Phase } from '../phase.js';
import { connector, http, rolledOut, url } from '../stage.js';

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

/** Requests a second, as much as needs more than three http pods at 70 % of their request of CPU. */
const loadPerSecond = 500;
const mostHttp = 5;

export const autoscale: Phase = {
  line: 6,
  title: 'http: the autoscaler moves by itself under load, and back',
  mustBeZero: nothing,
  async run(stage) {
    // Three things differ from the manifest, for a small and a short proof: 5 pods at most, and in is decided after 15 s.
    const hpa = await read<{ spec: object }>('hpa', 'http-prod-v100000');
    const behavior = {
      scaleUp: { stabilizationWindowSeconds: 0 },
      scaleDown: { stabilizationWindowSeconds: 15 },
    };
    await apply({ ...hpa, spec: { ...hpa.spec, maxReplicas: mostHttp, behavior } });
    await until('3 http pods before the load', 240_000, async () => (await podsOf('http')) === 3);
    const load = new Load();
    const out = await until(`${mostHttp} http pods`, 240_000, async () => (await readyHttp()) === mostHttp);
    const answered = await load.stop();
    stage.report.check(`3 → ${mostHttp} http pods ${Math.round(out / 1000)} s after the load began`, true);
    const back = await until('3 http pods', 300_000, async () => (await podsOf('http')) === 3);
    stage.report.check(`${mostHttp} → 3 http pods ${Math.round(back / 1000)} s after it ended`, true);
    stage.report.figure('the load', answered);
    stage.report.check('the load itself had 0 failed requests', answered.failed === 0);
    await kubectl('apply', '-f', `${stage.folder}/autoscaling/http.yaml`);
  },
};

async function podsOf(serverType: string): Promise<number> {
  const { items } = await read<{ items: object[] }>(
    'pods',
    '-l',
    `serverType=${serverType},version=1.0.0000`,
  );
  return items.length;
}

async function readyHttp(): Promise<number> {
  const { status } = await read<{ status: { readyReplicas?: number } }>(http);
  return status.readyReplicas ?? 0;
}

/** So many requests a second to http, whatever becomes of the ones before. */
class Load {
  private readonly counts = { requests: 0, failed: 0 };
  private readonly open = new Set<Promise<void>>();
  private readonly timer = setInterval(() => this.tick(), 100);

  async stop(): Promise<{ requests: number; failed: number }> {
    clearInterval(this.timer);
    await Promise.all(this.open);
    return this.counts;
  }

  private tick(): void {
    for (let index = 0; index < loadPerSecond / 10; index += 1) {
      const request = this.ask().finally(() => this.open.delete(request));
      this.open.add(request);
    }
  }

  private async ask(): Promise<void> {
    this.counts.requests += 1;
    const isGood = await fetch(`${url}/v1/leaderboards/duel`).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
    if (!isGood) this.counts.failed += 1;
  }
}
