import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Document, isMap, parseAllDocuments, parseDocument } from 'yaml';
import { orUnreadable } from '../../../game-files.js';
import type { Manifest } from '../../render/manifest.js';
import { toYaml } from '../../render/manifests.js';

const kustomization = 'kustomization.yaml';
const ours = /^(version-[\d.]+|routes|shared)\.yaml$/;
const note =
  '# Written by `ccgame release --write`; what you change here is overwritten. docs/releases.md, "Through Git".\n';

/** A folder that a tool applies to the cluster from Git: a file a version, one for the routes, one for all else. */
export class ManifestFolder {
  /** In the game's folder: in this one it would be published itself. */
  private readonly unpublishedNote: string;

  /** Made when something is written. @param gameFolder has `.ccgame` */
  constructor(
    readonly path: string,
    gameFolder = process.cwd(),
  ) {
    const name = createHash('sha256').update(resolve(path)).digest('hex').slice(0, 16);
    this.unpublishedNote = join(gameFolder, '.ccgame', 'unpublished', name);
  }

  /** Something was written here, and never noted as published: a publication failed, or the command was ended before. */
  get isUnpublished(): boolean {
    return existsSync(this.unpublishedNote);
  }

  notePublished(): void {
    rmSync(this.unpublishedNote, { force: true });
  }

  /** The versions that have a file here. */
  versions(): string[] {
    return this.files().flatMap((name) => /^version-([\d.]+)\.yaml$/.exec(name)?.[1] ?? []);
  }

  /** None where there is no such file. @throws Error that names it where it holds something else */
  readManifests(file: string): Manifest[] {
    const path = join(this.path, file);
    if (!existsSync(path)) return [];
    return orUnreadable(path, () =>
      parseAllDocuments(readFileSync(path, 'utf8')).flatMap((one) =>
        isFilled(one) ? (one.toJS() as Manifest) : [],
      ),
    );
  }

  /** No manifests, no file. */
  writeManifests(file: string, manifests: Manifest[]): void {
    const path = join(this.path, file);
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const text = manifests.length === 0 ? '' : note + toYaml(manifests);
    if (text === before) return;
    // Before anything is written: it would be listed nowhere, and the next command would find it there already.
    const list = this.readKustomization();
    this.noteUnpublished();
    if (text === '') rmSync(path);
    else {
      mkdirSync(this.path, { recursive: true });
      writeFileSync(path, text);
    }
    this.listFiles(list);
  }

  private noteUnpublished(): void {
    mkdirSync(dirname(this.unpublishedNote), { recursive: true });
    writeFileSync(this.unpublishedNote, `${resolve(this.path)}\n`);
  }

  /** With all else that a studio has in it. @throws Error that names it where it is none */
  private readKustomization(): Document {
    const path = join(this.path, kustomization);
    const start = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n';
    return orUnreadable(path, () => {
      const read = parseDocument(existsSync(path) ? readFileSync(path, 'utf8') : start);
      return isFilled(read) ? read : parseDocument(start);
    });
  }

  private listFiles(document: Document): void {
    const { resources } = document.toJS() as { resources?: string[] | null };
    const others = (resources ?? []).filter((name) => !ours.test(name));
    document.set('resources', [...others, ...this.files()]);
    writeFileSync(join(this.path, kustomization), document.toString());
  }

  private files(): string[] {
    if (!existsSync(this.path)) return [];
    return readdirSync(this.path)
      .filter((name) => ours.test(name))
      .sort();
  }
}

/** Whether there is something in a YAML document. @throws Error where it is no object, as with the marks of a merge */
function isFilled({ errors: [error], contents }: Document.Parsed): boolean {
  if (error) throw error;
  if (contents !== null && !isMap(contents)) throw new Error('it holds something else than objects');
  return contents !== null;
}

/** The name of the file with one version's manifests. */
export const versionFile = (version: string): string => `version-${version}.yaml`;
/** The name of the file with the routes to all versions. */
export const routesFile = 'routes.yaml';
/** Objects without the label `version`, such as a generated ConfigMap: all versions share them. */
export const sharedFile = 'shared.yaml';
