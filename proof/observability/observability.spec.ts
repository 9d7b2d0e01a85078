import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { parse, stringify } from 'yaml';
import { listDeclaredMetrics } from '../metrics/declared-metrics.js';
import { readAlarmRules, readAskedExpressions } from './alarm-rules.js';
import { declaredNameOf, findAskedMetrics, findGroupLabels } from './asked-metrics.js';
import { dashboardFiles } from './dashboard-files.js';
import { findPromtool } from './find-promtool.js';

/** Every server's, and those that the PodMonitor adds. */
const commonLabels = ['server_id', 'server_type', 'version', 'namespace', 'le'];
const files = dashboardFiles();
const rules = readAlarmRules().groups.flatMap((group) => group.rules);

/** The metrics of kube-state-metrics that alarms ask, with their labels. */
const ofCluster: [string, string[]][] = [
  ['kube_cronjob_status_last_successful_time', ['cronjob']],
  ['kube_cronjob_created', ['cronjob']],
  ['kube_cronjob_spec_suspend', ['cronjob']],
];

/** By name: the labels. Those of Node, the process and the cluster too. */
async function readDeclared(): Promise<Map<string, string[]>> {
  const declared = [...(await listDeclaredMetrics()).values()].flat();
  const register = new Registry();
  collectDefaultMetrics({ register });
  const all = register.getMetricsAsArray() as unknown as { name: string; labelNames: string[] }[];
  return new Map([
    ...declared.map(({ name, labels }) => [name, labels] as const),
    ...all.map(({ name, labelNames }) => [name, labelNames] as const),
    ...ofCluster,
  ]);
}

/** In words, what an expression asks that no server has. */
function problemsOf(expr: string, declared: ReadonlyMap<string, string[]>): string[] {
  const asked = findAskedMetrics(expr);
  const names = asked.map(({ name }) => declaredNameOf(name, (one) => declared.has(one)));
  const problems = names.filter((name) => !declared.has(name)).map((name) => `no metric ${name}`);
  const labelsOf = (name: string): string[] => [...commonLabels, ...(declared.get(name) ?? [])];
  for (const [index, { labels }] of asked.entries()) {
    const unknown = labels.filter((label) => !labelsOf(names[index] ?? '').includes(label));
    problems.push(...unknown.map((label) => `${names[index]} has no label ${label}`));
  }
  const grouped = findGroupLabels(expr).filter(
    (label) => !names.some((name) => labelsOf(name).includes(label)),
  );
  return [...problems, ...grouped.map((label) => `nothing has the label ${label}`)];
}

describe('what operators look at', () => {
  it('are dashboards that `npm run dashboards` has written', () => {
    for (const [path, text] of files) expect([path, readFileSync(path, 'utf8')]).toEqual([path, text]);
    const built = execFileSync('kubectl', ['kustomize', 'k8s/observability'], { encoding: 'utf8' });
    for (const path of files.keys()) expect(built).toContain(path.split('/').at(-1));
  });

  it('asks for no metric and label that the code does not declare', async () => {
    const declared = await readDeclared();
    const asked = readAskedExpressions(files);
    expect(asked.length).toBeGreaterThan(100);
    const problems = asked.flatMap(([where, expr]) =>
      problemsOf(expr, declared).map((problem) => `${where}: ${problem}`),
    );
    expect(problems).toEqual([]);
  });

  it('shows every metric on some dashboard', async () => {
    const declared = [...(await listDeclaredMetrics()).values()].flat().map(({ name }) => name);
    const all = [...files.values()].join('\n');
    expect(declared.filter((name) => !all.includes(name))).toEqual([]);
  });

  it.each([
    ['sum(rate(ccgame_gone_total[5m]))', 'no metric ccgame_gone_total'],
    ['ccgame_nats_connected{wrong="x"}', 'ccgame_nats_connected has no label wrong'],
    ['sum by (mode) (ccgame_nats_connected)', 'nothing has the label mode'],
    ['rate(ccgame_nats_connected_bucket[5m]) + ccgame_lost', 'no metric ccgame_lost'],
  ])('would tell %s', async (expr, problem) => {
    expect(problemsOf(expr, await readDeclared())).toEqual([problem]);
  });
});

describe('the alarms', () => {
  it('have a severity, and a section each that says what to do', () => {
    const page = readFileSync('docs/alarms.md', 'utf8');
    const sections = [...page.matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(rules.map(({ alert }) => alert).sort()).toEqual(sections.sort());
    for (const { alert, labels, annotations } of rules) {
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary.length).toBeGreaterThan(10);
      expect(annotations.runbook).toBe(`docs/alarms.md#${alert.toLowerCase()}`);
    }
  });

  const promtool = findPromtool();
  const given = promtool === undefined ? it.skip : it;

  given('go off at a fault and not without, as promtool plays it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ccgame-rules-'));
    try {
      writeFileSync(join(folder, 'rules.yml'), stringify(readAlarmRules()));
      const text = readFileSync('proof/observability/alarms.test.yml', 'utf8');
      const { tests } = parse(text) as { tests: { interval: string }[] };
      // Evaluated as often as it has samples: each 15 s of a day's alarm took promtool 40 s of CPU.
      const intervals = [...new Set(tests.map(({ interval }) => interval))];
      for (const every of intervals) {
        const own = tests.filter(({ interval }) => interval === every);
        const file = { rule_files: ['rules.yml'], evaluation_interval: every, tests: own };
        writeFileSync(join(folder, `${every}.yml`), stringify(file));
      }
      for (const args of [
        ['check', 'rules', 'rules.yml'],
        ['test', 'rules', ...intervals.map((every) => `${every}.yml`)],
      ]) {
        const { status, stdout, stderr } = spawnSync(resolve(promtool as string), args, {
          cwd: folder,
          encoding: 'utf8',
        });
        expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
