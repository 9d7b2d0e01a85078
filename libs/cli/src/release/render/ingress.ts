import type { ReleaseTable } from '@ccgame/releases';
import { isOfVersion, serviceFor } from './backends.js';
import type { Manifest } from './manifest.js';

/** The prefix of ingress-nginx's annotations, which other controllers read too. */
export const annotationPrefix = 'nginx.ingress.kubernetes.io';

/** One path of an Ingress, and the Service behind it; none behind one that leads to another resource. */
export interface IngressPath {
  path: string;
  pathType: string;
  backend: { service?: { name: string } };
}

/** The fields of an Ingress that are read or changed here. */
export interface Ingress extends Manifest {
  spec: { rules?: Array<{ http?: { paths: IngressPath[] } }> };
}

/** A copy with more annotations, each by its name after the controller's prefix. */
export function annotate(ingress: Ingress, added: Record<string, string>): Ingress {
  const named = Object.entries(added).map(([name, value]) => [`${annotationPrefix}/${name}`, value]);
  const annotations = { ...ingress.metadata.annotations, ...(Object.fromEntries(named) as typeof added) };
  return { ...ingress, metadata: { ...ingress.metadata, annotations } };
}

/** Each path becomes those that `change` makes of it. */
export function changePaths(ingress: Ingress, change: (path: IngressPath) => IngressPath[]): Ingress {
  const rules = ingress.spec.rules?.map((rule) =>
    rule.http ? { ...rule, http: { paths: rule.http.paths.flatMap(change) } } : rule,
  );
  return rules ? { ...ingress, spec: { ...ingress.spec, rules } } : ingress;
}

/** All paths, of all hosts. */
function pathsOf({ spec: { rules = [] } }: Ingress): IngressPath[] {
  return rules.flatMap(({ http }) => http?.paths ?? []);
}

/** The Services of versions that it leads to. None: it has nothing to do with a release, as one for a website. */
export function versionedServices(ingress: Ingress): string[] {
  const names = pathsOf(ingress).flatMap(({ backend: { service } }) => service?.name ?? []);
  return names.filter(isOfVersion);
}

/**
 * An Ingress with a sticky cookie (`k8s/ingress/sticky`) becomes two: one for the sockets' path, which gives the cookie, and one for the
 * rest. Together, the http servers would answer with a cookie of their own in the place of the connector's.
 */
export function splitSticky(ingress: Ingress): Ingress[] {
  const all = Object.entries(ingress.metadata.annotations ?? {});
  const others = all.filter(([name]) => !/\/(affinity|session-cookie)/.test(name));
  const { metadata } = ingress;
  const rest = { ...metadata, annotations: Object.fromEntries(others) };
  if (others.length === all.length) return [ingress];
  const isOfSockets = ({ path }: IngressPath): boolean => path.includes('socket.io');
  if (!pathsOf(ingress).some(isOfSockets)) return [{ ...ingress, metadata: rest }];
  const only = (isWanted: boolean): Ingress =>
    changePaths(ingress, (path) => (isOfSockets(path) === isWanted ? [path] : []));
  return [
    { ...only(true), metadata: { ...metadata, name: `${metadata.name}-socket` } },
    { ...only(false), metadata: rest },
  ];
}

/** The path for players of a version: to its own Service, or to that of the version that stands in. */
export function pathFor(path: IngressPath, version: string, table: ReleaseTable): IngressPath {
  const { service } = path.backend;
  if (!service) return path;
  return { ...path, backend: { service: { ...service, name: serviceFor(service.name, version, table) } } };
}
