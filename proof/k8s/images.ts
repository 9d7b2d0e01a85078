import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectl, run } from './cluster.js';

/** A registry from which the nodes pull. */
export interface Registry {
  host: string;
  /** The images' names begin with it; it ends with a `/`. */
  prefix: string;
  user: string;
  password: string;
}

const { REGISTRY, REGISTRY_USER = 'studio', REGISTRY_PASSWORD = '' } = process.env;

/** `REGISTRY=localhost:5000/studio`. Undefined: images are brought to the nodes in another way. */
export const registry: Registry | undefined = REGISTRY
  ? {
      host: REGISTRY.split('/')[0] ?? '',
      prefix: `${REGISTRY}/`,
      user: REGISTRY_USER,
      password: REGISTRY_PASSWORD,
    }
  : undefined;

/** The game's image with this tag, as the nodes name it. */
export const gameImage = (tag: string): string => `${registry?.prefix ?? ''}ccgame:${tag}`;

/** The image that is deployed first, the one that it is updated to, and two that stand beside it. */
const images = {
  [gameImage('1.0.0000')]: 'first',
  [gameImage('1.0.0000-b')]: 'second',
  [gameImage('1.0.0001')]: 'beside',
  [gameImage('1.0.0002')]: 'through Git',
};

/** The first image built once more from nothing, and what must not differ then. */
const again = 'ccgame:again';

interface Image {
  unpackedMb: number;
  layers: string[];
}

/** Builds the images and brings them into the cluster of the current context. Returns the first one, and its second build. */
export async function provideImages(): Promise<{ first: Image; again: Image }> {
  const lab = process.env.K8S_LAB;
  const tags = Object.keys(images);
  const next = await nextVersion();
  for (const [tag, revision] of Object.entries(images)) {
    const labels = ['--build-arg', `REVISION=${revision}`, '--build-arg', `VERSION=${versionIn(tag)}`];
    await build(revision === 'beside' ? next : '.', tag, ...labels);
  }
  await build('.', again, '--no-cache', '--build-arg', `REVISION=${images[gameImage('1.0.0000')]}`);
  const context = (await kubectl('config', 'current-context')).trim();
  if (registry) await pushImages(registry, tags);
  else if (lab) await run(lab, ['load', ...tags]);
  else if (context.startsWith('kind-'))
    await run('kind', ['load', 'docker-image', ...tags, '--name', context.slice('kind-'.length)]);
  else if (context.startsWith('k3d-'))
    await run('k3d', ['image', 'import', ...tags, '--cluster', context.slice('k3d-'.length)]);
  else throw new Error(`No way is known to bring an image into ${context}; set K8S_LAB, or use kind or k3d.`);
  const both = { first: await inspect(tags[0] ?? ''), again: await inspect(again) };
  await run('docker', ['image', 'rm', again]);
  return both;
}

async function pushImages({ host, prefix, user, password }: Registry, tags: string[]): Promise<void> {
  // A kubelet on this machine would pull by the password of the home folder.
  const docker = ['--config', mkdtempSync(join(tmpdir(), 'ccgame-k8s-'))];
  await run('docker', [...docker, 'login', host, '--username', user, '--password-stdin'], {}, ({ stdin }) =>
    stdin?.end(password),
  );
  const nats = process.env.NATS_IMAGE;
  if (nats) await run('docker', ['tag', nats, `${prefix}${nats}`]);
  const all = nats ? [...tags, `${prefix}${nats}`] : tags;
  for (const tag of all) await run('docker', [...docker, 'push', tag]);
}

/** `ccgame:1.0.0000-b` → `1.0.0000`. */
const versionIn = (tag: string): string => /[\d.]+/.exec(tag.slice(tag.lastIndexOf(':')))?.[0] ?? '';

/** The folder of a commit in which the arena has other rules, by which players see which version's code runs. */
async function nextVersion(): Promise<string> {
  const folder = join(mkdtempSync(join(tmpdir(), 'ccgame-k8s-')), 'next');
  return (await run('node', ['examples/arena/next-version.mjs', folder])).trim();
}

function build(folder: string, tag: string, ...flags: string[]): Promise<string> {
  const lab = process.env.K8S_LAB;
  // The lab has no registry of images: its base is a local one.
  const local = ['--build-arg', 'BASE=node:24-bookworm-slim'];
  return lab
    ? run(lab, ['build', folder, tag, ...local, ...flags])
    : run('docker', ['build', '-t', tag, ...flags, folder]);
}

async function inspect(tag: string): Promise<Image> {
  const [{ Size, RootFS }] = JSON.parse(await run('docker', ['image', 'inspect', tag])) as [
    { Size: number; RootFS: { Layers: string[] } },
  ];
  return {
    unpackedMb: Math.round(Size / 1e6),
    layers: RootFS.Layers.map((layer) => layer.slice(7, 19)),
  };
}

/** The tags are the same in each run, and a node that has one of them would run what was built before. */
const alwaysPull = `patches:
  - target: { kind: Deployment|StatefulSet }
    patch: '[{ "op": "add", "path": "/spec/template/spec/containers/0/imagePullPolicy", "value": "Always" }]'
  - target: { kind: CronJob }
    patch: '[{ "op": "add", "path": "/spec/jobTemplate/spec/template/spec/containers/0/imagePullPolicy", "value": "Always" }]'
`;

/** The registry in the one place where a studio names it, and the secret that pulls. */
export async function useRegistry(folder: string): Promise<void> {
  if (!registry) return;
  const { host, prefix, user, password } = registry;
  const file = join(folder, 'registry/kustomization.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('newName: ', `newName: ${prefix}`) + alwaysPull);
  await kubectl('delete', 'secret', 'regsecret', '--ignore-not-found');
  const account = [`--docker-server=${host}`, `--docker-username=${user}`, `--docker-password=${password}`];
  await kubectl('create', 'secret', 'docker-registry', 'regsecret', ...account);
}
