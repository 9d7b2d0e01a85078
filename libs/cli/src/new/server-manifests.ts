import type { GameChanges } from './game-changes.js';

/** The workload, its disruption budget and network policy; an autoscaler, or the pods' names when it is stateful. */
export function addServerManifests(changes: GameChanges, type: string, isStateful: boolean): void {
  const folder = `k8s/${type}`;
  const workload = workloadOf(changes, type);
  const kind = isStateful ? 'statefulset.yaml' : 'deployment.yaml';
  changes.createFile(`${folder}/${kind}`, isStateful ? workload : asDeployment(workload));
  changes.createFile(
    `${folder}/disruption-budget.yaml`,
    forType(type, withoutComments(changes.readText('k8s/matching/disruption-budget.yaml'))),
  );
  if (isStateful)
    changes.createFile(
      `${folder}/service.yaml`,
      forType(type, changes.readText('k8s/matching/service.yaml')),
    );
  const resources = [kind, ...(isStateful ? ['service.yaml'] : []), 'disruption-budget.yaml'];
  changes.createFile(
    `${folder}/kustomization.yaml`,
    `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [${resources.join(', ')}]
`,
  );
  changes.insertBefore('k8s/release/kustomization.yaml', /^ {2}- \.\.\/cron$/m, `  - ../${type}\n`);
  if (!isStateful) {
    changes.createFile(`k8s/autoscaling/${type}.yaml`, autoscaler(type));
    changes.addResource('k8s/autoscaling/kustomization.yaml', `${type}.yaml`);
  }
  // In a file of its own: the others are ccgame's, whose next version may change them.
  changes.createFile(`k8s/network/${type}.yaml`, networkPolicy(type));
  changes.addResource('k8s/network/kustomization.yaml', `${type}.yaml`);
}

/** Copies the manifest of matching, which is reached through NATS alone too: a studio's changes there, such as its registry, stay. */
function workloadOf(changes: GameChanges, type: string): string {
  const lines = changes.readText('k8s/matching/statefulset.yaml').split('\n');
  const ofMatching = /^\s*#.*(partition|ticket|AGONES|Agones)/;
  return forType(type, lines.filter((line) => !ofMatching.test(line)).join('\n'));
}

function forType(type: string, text: string): string {
  return text
    .replaceAll('matching-prod', `${type}-prod`)
    .replaceAll('serverType: matching', `serverType: ${type}`)
    .replaceAll('matchingapp', `${type}app`)
    .replaceAll('apps/matching/', `apps/${type}/`)
    .replaceAll('key: matching }', `key: ${type} }`);
}

const withoutComments = (yaml: string): string => yaml.replaceAll(/^ *#.*\n/gm, '');

const leavesLostNode = `      # So long after Kubernetes has noticed that a node is lost, a pod elsewhere takes its place: 300 s otherwise.
      tolerations:
        - { key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 30 }
        - { key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 30 }
`;

/** Any of its servers may answer, so pods need no names of their own. */
function asDeployment(statefulSet: string): string {
  const changes: Array<[string | RegExp, string]> = [
    ['kind: StatefulSet', 'kind: Deployment'],
    [/^ {2}serviceName: .*\n/m, ''],
    [/^ {2}podManagementPolicy: .*\n/m, ''],
    [
      /^ {2}updateStrategy: .*$/m,
      '  # One new pod at a time, and never fewer than there should be.\n  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }',
    ],
    [
      /^( +)whenUnsatisfiable: ScheduleAnyway\n/m,
      "$&$1# In an update the old pods don't count: else the new ones may all be where the old ones were not.\n$1matchLabelKeys: [pod-template-hash]\n",
    ],
    [/^ {6}affinity:\n/m, `${leavesLostNode}$&`],
  ];
  return changes.reduce((text, [from, to]) => {
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`k8s/matching/statefulset.yaml has no ${from}.`);
    return changed;
  }, statefulSet);
}

const autoscaler = (type: string): string => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: ${type}-prod-v100000
  labels: { serverType: ${type}, env: production, version: '1.0.0000' }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: ${type}-prod-v100000 }
  minReplicas: 2
  # DECIDE: what it depends on bears.
  maxReplicas: 30
  metrics:
    - type: Resource
      resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } }
  behavior:
    scaleUp: { stabilizationWindowSeconds: 0 }
    scaleDown: { stabilizationWindowSeconds: 300 }
`;

const networkPolicy = (type: string): string => `# DECIDE: what else ${type} talks to, such as a database.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${type}-out }
spec:
  podSelector: { matchLabels: { serverType: ${type} } }
  policyTypes: [Egress]
  egress:
    - to: [{ podSelector: { matchLabels: { app: nats } } }]
      ports: [{ port: 4222 }]
    # DNS.
    - ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
`;
