import type { ReleaseTable } from '@ccgame/releases';
import { serviceFor } from './backends.js';
import type { Manifest } from './manifest.js';

/** The prefix of ingress-nginx's annotations, which other controllers read too. */
export const annotationPrefix = 'nginx.ingress.kubernetes.io';

/** One path of an Ingress, and the Service behind it. */
export interface IngressPath {
  path: string;
  pathType: string;
  backend: { service: { name: string } };
}

/** The fields of an Ingress that are read or changed here. */
export interface Ingress extends Manifest {
  spec: { rules: Array<{ http: { paths: IngressPath[] } }> };
}

/** A copy with more annotations, each by its name after the controller's prefix. */
export function annotate(ingress: Ingress, added: Record<string, string>): Ingress {
  const named = Object.entries(added).map(([name, value]) => [`${annotationPrefix}/${name}`, value]);
  const annotations = { ...ingress.metadata.annotations, ...(Object.fromEntries(named) as typeof added) };
  return { ...ingress, metadata: { ...ingress.metadata, annotations } };
}

/** Each path becomes those that `change` makes of it. */
export function changePaths(ingress: Ingress, change: (path: IngressPath) => IngressPath[]): Ingress {
  const rules = ingress.spec.rules.map((rule) => ({
    ...rule,
    http: { paths: rule.http.paths.flatMap(change) },
  }));
  return { ...ingress, spec: { ...ingress.spec, rules } };
}

/**
 * An Ingress with a sticky cookie (`k8s/ingress/sticky`) becomes two: one for the sockets' path, which gives the cookie, and one for the
 * rest. Together, the http servers would answer with a cookie of their own in the place of the connector's.
 */
export function splitSticky(ingress: Ingress): Ingress[] {
  const all = Object.entries(ingress.metadata.annotations ?? {});
  const others = all.filter(([name]) => !/\/(affinity|session-cookie)/.test(name));
  if (others.length === all.length) return [ingress];
  const [sockets, rest] = [true, false].map((isWanted) =>
    changePaths(ingress, (path) => (path.path.includes('socket.io') === isWanted ? [path] : [])),
  );
  const { metadata } = ingress;
  return [
    { ...sockets, metadata: { ...metadata, name: `${metadata.name}-socket` } },
    { ...rest, metadata: { ...metadata, annotations: Object.fromEntries(others) } },
  ];
}

/** The path for players of a version: to its own Service, or to that of the version that stands in. */
export function pathFor(path: IngressPath, version: string, table: ReleaseTable): IngressPath {
  const { service } = path.backend;
  return { ...path, backend: { service: { ...service, name: serviceFor(service.name, version, table) } } };
}
