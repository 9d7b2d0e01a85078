import { versionName } from '@ccgame/config';
import { stringify } from 'yaml';
import { imageOfVersion, parseImage } from './image.js';
import { type Container, containersOf, type Manifest, sourceVersion } from './manifest.js';
import type { Template } from './template.js';

/** In names, where the label says `production`: `http-prod-v100000`. */
const sourceEnv = 'prod';

/** The version that is rendered, and which part of it. */
export interface RenderOptions {
  version: string;
  /** The game's image, for all its containers; when left out, that of the manifests with the version in its tag. */
  image?: string;
  /** Server types; all when left out. */
  only?: string[];
}

/**
 * The resources of one version, from the one source: names, labels, selectors and image are its own. Its CronJobs are
 * suspended: those of the stable version are active, and no others.
 *
 * @throws Error when the image of the version can't be told from that of the source
 */
export function renderVersion(template: Template, { version, image, only }: RenderOptions): Manifest[] {
  return template.manifests
    .filter(({ metadata: { labels } }) => !only || !labels?.version || only.includes(labels.serverType ?? ''))
    .map((manifest) => {
      const renamed = mapStrings(manifest, (text) => renameVersion(text, version, template.env));
      setImages(manifest, renamed, (source) => image ?? imageOfVersion(source, version));
      return renamed.kind === 'CronJob' ? { ...renamed, spec: { ...renamed.spec, suspend: true } } : renamed;
    });
}

/** One string of the source version's manifests as it reads for another version. */
export function renameVersion(text: string, version: string, env: string): string {
  if (text === sourceVersion) return version;
  return (
    text
      .replaceAll(
        new RegExp(`-${sourceEnv}-${versionName(sourceVersion)}(?!\\d)`, 'g'),
        `-${envName(env)}-${versionName(version)}`,
      )
      .replaceAll(new RegExp(`-${versionName(sourceVersion)}(?!\\d)`, 'g'), `-${versionName(version)}`)
      // In a query to Prometheus.
      .replaceAll(`version="${sourceVersion}"`, `version="${version}"`)
      .replaceAll(`/v/${sourceVersion}/`, `/v/${version}/`)
      .replace(new RegExp(`/v/${sourceVersion}$`), `/v/${version}`)
  );
}

/** How an environment is called in names. */
export function envName(env: string): string {
  return env === 'production' ? sourceEnv : env;
}

/** A copy with every string in it passed through `change`. */
export function mapStrings<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T;
  if (Array.isArray(value)) return value.map((one: unknown) => mapStrings(one, change)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapStrings(one, change)])) as T;
}

/** One YAML document an object, as `kubectl apply -f -` takes them: it reads YAML 1.1, in which `yes`, `on` and `12:30:45` are no strings without quotes. */
export function toYaml(objects: object[]): string {
  return objects.map((one) => stringify(one, { lineWidth: 0, compat: 'yaml-1.1' })).join('---\n');
}

/**
 * Gives the game's containers their image: the one that is named after the server type, and all others, such as one that
 * runs first, that run the same image. A container beside the game, such as a proxy, keeps its own.
 */
function setImages(source: Manifest, rendered: Manifest, change: (image: string) => string): void {
  const containers = containersOf(source);
  const isVersioned = source.metadata.labels?.version === sourceVersion;
  if (!isVersioned || containers.length === 0) return;
  const { repository } = parseImage(gameContainer(source, containers).image);
  for (const [index, container] of containersOf(rendered).entries()) {
    const image = containers[index]?.image ?? '';
    container.image = parseImage(image).repository === repository ? change(image) : image;
  }
}

/** @throws Error when it can't be told which one it is */
function gameContainer({ kind, metadata }: Manifest, containers: Container[]): Container {
  const name = `${metadata.labels?.serverType}app`;
  const [first, ...more] = containers;
  const found =
    containers.find((container) => container.name === name) ?? (more.length === 0 ? first : undefined);
  if (!found) throw new Error(`${kind} ${metadata.name} has several containers, and none is named ${name}.`);
  return found;
}
