import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface AlarmRule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

/** The content of a rules file for Prometheus. */
export interface RuleGroups {
  groups: { name: string; rules: AlarmRule[] }[];
}

/** The rules of the manifest, as a Prometheus without the operator takes them. @param root of the repository */
export function readAlarmRules(root = '.'): RuleGroups {
  const manifest = parse(readFileSync(join(root, 'k8s/observability/rules.yaml'), 'utf8')) as {
    spec: RuleGroups;
  };
  return manifest.spec;
}

/** All PromQL that dashboards and alarms ask, by where it stands. */
export function readAskedExpressions(
  dashboards: Iterable<[string, string]>,
  root?: string,
): [string, string][] {
  const asked = readAlarmRules(root).groups.flatMap(({ rules }) =>
    rules.map(({ alert, expr }): [string, string] => [alert, expr]),
  );
  for (const [path, text] of dashboards) {
    const { panels } = JSON.parse(text) as { panels: { title: string; targets: { expr: string }[] }[] };
    for (const { title, targets } of panels)
      for (const { expr } of targets) asked.push([`${path}: ${title}`, expr]);
  }
  return asked;
}
