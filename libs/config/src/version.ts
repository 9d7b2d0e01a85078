/**
 * `1.0.0000`: three numbers; the last has four digits, so that the dotless name can be read back by people. The others have
 * no leading zeros, so that one version is never written in two ways.
 */
export type Version = string;

const pattern = /^(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})\.(\d{4})$/;

/** The version of a server outside of releases, on a laptop or in a test. */
const unreleased = 'latest';

/** A server's label `VERSION`, and what a call may name: a version or `latest`. For decorators; else {@link isVersionLabel}. */
export const versionLabelPattern = new RegExp(`^${unreleased}$|${pattern.source}`);

/** Whether a text is a released version, `1.0.0000`. `latest` is none: see {@link isVersionLabel}. */
export function isVersion(text: unknown): text is Version {
  return typeof text === 'string' && pattern.test(text);
}

/** A version, or `latest` for a server that is not released. */
export function isVersionLabel(text: unknown): text is string {
  return text === unreleased || isVersion(text);
}

/** The version that a client names in a header, a query, a cookie or a message: an empty text names none. */
export function namedVersion<T>(value: T): T | undefined {
  return typeof value === 'string' && value.trim() === '' ? undefined : value;
}

/**
 * The path and query of a request's target. A server takes a whole URL there as well, as some clients and proxies send it: RFC 9112, 3.2.2.
 */
export function pathOfTarget(target: string): string {
  const authority = /^https?:\/\/[^/?#]*/i.exec(target);
  if (!authority) return target;
  const rest = target.slice(authority[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * Clients that can set neither header nor query name their version in the path: `/v/1.0.0000/socket.io/`. It becomes the
 * header `Version`, which it outweighs, as a Gateway matches paths first.
 *
 * @returns the path without it
 */
export function takeVersionFromPath(request: {
  url?: string;
  headers: Record<string, string | string[] | undefined>;
}): string {
  const url = pathOfTarget(request.url ?? '/');
  const named = /^\/v\/([^/?]*)/.exec(url);
  if (!named) return url;
  if (namedVersion(named[1]) !== undefined) request.headers.version = named[1];
  const rest = url.slice(named[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** The three numbers of a version; undefined for anything else, `latest` included. */
export function parseVersion(text: string): [major: number, minor: number, patch: number] | undefined {
  const match = pattern.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

/** Orders versions, older first; a text that is no version stands before all that are. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [parseVersion(a), parseVersion(b)];
  if (!x || !y) return Number(x !== undefined) - Number(y !== undefined) || (a < b ? -1 : a > b ? 1 : 0);
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
}

/** The name of a version in resource names, where no dot may stand: `1.0.0000` → `v100000`. */
export function versionName(version: string): string {
  return version === unreleased ? version : `v${version.replaceAll('.', '')}`;
}

/**
 * Two versions that give one resource name: `1.10.0000` and `11.0.0000` are both `v1100000`.
 * They can't be deployed side by side.
 */
export function nameClash(versions: Iterable<string>): [string, string] | undefined {
  const byName = new Map<string, string>();
  for (const version of versions) {
    const other = byName.get(versionName(version));
    if (other !== undefined && other !== version) return [other, version];
    byName.set(versionName(version), version);
  }
  return undefined;
}
