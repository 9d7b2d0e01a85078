import type { Kubectl } from './kubectl.js';

/** The first that takes `preStop: { sleep }` without a feature gate. */
const oldestMinor = 30;

interface Versions {
  serverVersion?: { major: string; minor: string };
}

/** @throws Error when the cluster is too old for the manifests, or does not answer */
export async function assertServerVersion(kubectl: Kubectl): Promise<void> {
  const { serverVersion } = JSON.parse(await kubectl.run(['version', '-o', 'json'])) as Versions;
  const problem = versionProblem(serverVersion);
  if (problem !== undefined) throw new Error(problem);
}

/** @param found as the API server says it; some clouds write a minor version as `30+` */
export function versionProblem(found: Versions['serverVersion']): string | undefined {
  if (!found) return 'The cluster did not tell its version.';
  const [major, minor] = [Number(found.major), Number.parseInt(found.minor, 10)];
  if (major > 1 || (major === 1 && minor >= oldestMinor)) return undefined;
  return `The cluster runs Kubernetes ${found.major}.${found.minor}; the manifests need 1.${oldestMinor} at least.`;
}
