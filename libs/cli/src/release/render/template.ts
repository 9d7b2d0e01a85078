import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { annotationPrefix } from './ingress.js';
import { type Manifest, sourceVersion } from './manifest.js';

/** The reader of the routes: a Gateway, an Ingress controller with ingress-nginx' annotations, or Alibaba Cloud's. */
export type Dialect = 'gateway' | 'nginx' | 'alibaba';

/** The one source version as a studio's overlay has it: its registry, node selectors, name space and routes. */
export interface Template {
  /** Manifests of the source version, and what they need besides, such as a generated ConfigMap. */
  manifests: Manifest[];
  /** None where players come in by no Gateway and no Ingress. */
  routes: Manifest[];
  dialect?: Dialect;
  /** The label of everything here; NODE_ENV and the release channel are read from it. */
  env: string;
  /** The one that the overlay sets. */
  namespace?: string;
  /** With servers that answer. */
  serverTypes: string[];
  /** With CronJobs alone. */
  jobTypes: string[];
}

const routeKinds = ['HTTPRoute', 'Ingress'];
/** `k8s/release` has it on all that it makes, so that an API server refuses what is applied without this command. */
const refusedKey = 'applied by ccgame release alone';

/** @param overlay a folder with a kustomization; `kubectl kustomize` reads it, without a cluster @throws Error */
export function readTemplate(overlay: string): Template {
  const all = parseAllDocuments(build(overlay)).map((document) => permit(document.toJS() as Manifest));
  const manifests = all.filter(({ kind }) => !routeKinds.includes(kind));
  const routes = all.filter(({ kind }) => routeKinds.includes(kind));
  const env = envOf(overlay, all);
  assertFound(overlay, routes, env);
  const typesOf = (...kinds: string[]): string[] => {
    const types = manifests
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ metadata }) => metadata.labels?.serverType);
    return [...new Set(types)].filter((type) => type !== undefined).sort();
  };
  const serverTypes = typesOf('Deployment', 'StatefulSet');
  const jobTypes = typesOf('CronJob').filter((type) => !serverTypes.includes(type));
  const [namespace] = new Set(all.map(({ metadata }) => metadata.namespace));
  return {
    manifests,
    routes,
    dialect: dialectOf(routes),
    env,
    namespace,
    serverTypes,
    jobTypes,
  };
}

function build(overlay: string): string {
  if (!existsSync(overlay))
    throw new Error(
      `There is no ${overlay} in ${process.cwd()}: run the command in the game's folder, or name the kustomization with --overlay.`,
    );
  try {
    return execFileSync('kubectl', ['kustomize', overlay], {
      encoding: 'utf8',
      stdio: 'pipe',
      maxBuffer: 64e6,
    });
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    const problem =
      code === 'ENOENT' ? 'kubectl is not on PATH.' : `${overlay} can't be built: ${stderr?.trim()}`;
    throw new Error(problem, { cause: error });
  }
}

/** Takes away what keeps it from being applied by others. */
function permit(manifest: Manifest): Manifest {
  const { [refusedKey]: _, ...annotations } = manifest.metadata.annotations ?? {};
  const { annotations: __, ...metadata } = manifest.metadata;
  const isLeft = Object.keys(annotations).length > 0;
  return { ...manifest, metadata: isLeft ? { ...metadata, annotations } : metadata };
}

/** @throws Error when there are several: what belongs to which couldn't be told by the label */
function envOf(overlay: string, all: Manifest[]): string {
  const versioned = all.filter(({ metadata }) => metadata.labels?.version === sourceVersion);
  if (versioned.length === 0)
    throw new Error(`${overlay} has no manifest with the label version: ${sourceVersion}.`);
  const [env, ...more] = new Set(versioned.map(({ metadata }) => metadata.labels?.env));
  if (env === undefined || more.length > 0)
    throw new Error(
      `All in ${overlay} must have one label env; it has ${[env, ...more].map(String).join(', ')}.`,
    );
  return env;
}

/** @throws Error for routes of two kinds, as those of one alone would follow the table, and for such as no command would find again */
function assertFound(overlay: string, routes: Manifest[], env: string): void {
  if (new Set(routes.map(({ kind }) => kind)).size > 1)
    throw new Error(
      `${overlay} has HTTPRoutes and Ingresses, and a table is followed in one dialect: name an overlay for each. docs/deploy.md, "From an Ingress to a Gateway".`,
    );
  const lost = routes.find(({ metadata: { labels } }) => labels?.app !== 'https' || labels.env !== env);
  if (lost)
    throw new Error(
      `The ${lost.kind} ${lost.metadata.name} lacks the labels app: https and env: ${env}, by which ${overlay}'s routes are found in the cluster.`,
    );
}

function dialectOf(routes: Manifest[]): Dialect | undefined {
  const [route] = routes;
  if (!route) return undefined;
  if (route.kind === 'HTTPRoute') return 'gateway';
  const match = `${annotationPrefix}/service-match`;
  return routes.some(({ metadata }) => metadata.annotations?.[match] !== undefined) ? 'alibaba' : 'nginx';
}
