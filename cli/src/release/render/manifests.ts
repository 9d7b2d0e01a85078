import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { versionName } from '#config';
import { parseAllDocuments, stringify, visit } from 'yaml';

/** The version that the manifests in k8s/ are written for. All others are rendered from it. */
export const sourceVersion = '1.0.0000';

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  spec?: Record<string, unknown>;
}

export interface RenderOptions {
  version: string;
  /** The one in the manifests, with the version as its tag, when left out. */
  image?: string;
  /** Server types; all when left out. */
  only?: string[];
}

/** What makes a folder of k8s/ that of a server type: all in it belongs to one version. */
const workloads = ['deployment.yaml', 'statefulset.yaml'];

/** The server types that the manifests in k8s/ are about. */
export function manifestTypes(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => workloads.some((file) => existsSync(join(folder, name, file))))
    .sort();
}

/** The resources of one version, from the one source: names, labels, selectors and image are its own. */
export function renderVersion(folder: string, { version, image, only }: RenderOptions): Manifest[] {
  const files = manifestTypes(folder).flatMap((type) => [
    ...yamlFiles(join(folder, type)),
    join(folder, 'autoscaling', `${type}.yaml`),
  ]);
  return files
    .filter((file) => existsSync(file))
    .flatMap((file) => readManifests(file, (text) => rename(text, version, image)))
    .filter(({ metadata }) => !only || only.includes(metadata.labels?.serverType ?? ''));
}

/** Reads a file's documents with every string passed through `change`. */
export function readManifests(file: string, change: (text: string) => string = (text) => text): Manifest[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    visit(document, {
      Scalar: (_, node) => {
        if (typeof node.value === 'string') node.value = change(node.value);
      },
    });
    return document.toJS() as Manifest;
  });
}

/** One string of the source version's manifests as it reads for another version. */
export function rename(text: string, version: string, image?: string): string {
  if (text === sourceVersion) return version;
  // Whatever a studio calls its image and its registry.
  if (text.endsWith(`:${sourceVersion}`)) return image ?? text.replace(`:${sourceVersion}`, `:${version}`);
  return text
    .replaceAll(`-${versionName(sourceVersion)}`, `-${versionName(version)}`)
    .replaceAll(`/v/${sourceVersion}`, `/v/${version}`);
}

export function toYaml(manifests: Manifest[]): string {
  return manifests.map((manifest) => stringify(manifest, { lineWidth: 0 })).join('---\n');
}

function yamlFiles(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith('.yaml') && statSync(path).isFile());
}
