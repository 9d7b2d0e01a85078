import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstreamManager, type StreamConfig, type StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { restoreStream } from './restore-stream.js';
import { type SnapshotHead, snapshotStream } from './snapshot-stream.js';

/** The names that the `nats` command gives them: it restores what is written here, and the other way round. */
const headFile = 'backup.json';
const archiveFile = 'stream.tar.s2';
const archiveType = 'io.nats.jetstream.api.v1.stream_snapshot_response';
const pieceBytes = 256 * 1024;

/** In a stream's `metadata`: it is left out of backups, as what it holds is worth nothing, or harms, when it comes back. */
export const notBackedUp = { 'ccgame.backup': 'none' };

const madeAt = 'ccgame.made';

/** When the stream was made first: of one that was restored NATS itself tells when that was. Another one after a loss has another. */
export function firstMadeAt({ config, created }: StreamInfo): string {
  return config.metadata?.[madeAt] ?? created;
}

/** A stream in a backup, or one that was restored. */
export interface BackedUpStream {
  name: string;
  messages: number;
  bytes: number;
}

/**
 * Copies all streams and buckets of the account into a folder, but for those marked `notBackedUp`. Each is copied as it is at one
 * moment, one after the other by name: what is derived comes before what it is derived from (decision 245). The folder has its
 * name when all is in it and on disk; before that it ends in `.part`.
 *
 * @throws Error when the folder is there already; as `snapshotStream`
 */
export async function backUpStreams(nats: NatsConnection, folder: string): Promise<BackedUpStream[]> {
  if (existsSync(folder)) throw new Error(`${folder} is there already.`);
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  const done: BackedUpStream[] = [];
  for (const stream of await streamsToBackUp(nats)) done.push(await backUpStream(nats, stream, part));
  await rename(part, folder);
  return done;
}

async function streamsToBackUp(nats: NatsConnection): Promise<StreamInfo[]> {
  const { streams } = await jetstreamManager(nats, { checkAPI: false });
  const found: StreamInfo[] = [];
  for await (const stream of streams.list()) if (isBackedUp(stream.config)) found.push(stream);
  return found.sort((one, other) => (one.config.name < other.config.name ? -1 : 1));
}

const isBackedUp = ({ metadata }: StreamConfig): boolean => metadata?.['ccgame.backup'] !== 'none';

async function backUpStream(nats: NatsConnection, stream: StreamInfo, part: string): Promise<BackedUpStream> {
  const { name } = stream.config;
  const folder = join(part, name);
  await mkdir(folder);
  const archive = await open(join(folder, archiveFile), 'wx');
  try {
    const { config, state } = await snapshotStream(nats, name, (piece) => archive.writeFile(piece));
    await archive.sync();
    const metadata = { ...config.metadata, [madeAt]: firstMadeAt(stream) };
    const head = { type: archiveType, config: { ...config, metadata }, state };
    await writeFile(join(folder, headFile), JSON.stringify(head), { flush: true });
    return { name, messages: state.messages, bytes: state.bytes };
  } finally {
    await archive.close();
  }
}

/** The streams in a backup, by name. @throws Error for a folder that is none */
export async function readBackup(folder: string): Promise<SnapshotHead[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const heads = await Promise.all(folders.sort().map((name) => readHead(join(folder, name))));
  if (heads.length === 0) throw new Error(`${folder} has no backup in it.`);
  return heads;
}

async function readHead(folder: string): Promise<SnapshotHead> {
  const text = await readFile(join(folder, headFile), 'utf8');
  return JSON.parse(text) as SnapshotHead;
}

/** @param replicas how many NATS servers keep it; as in the backup when left out @throws as `restoreStream` */
export async function restoreFromFolder(
  nats: NatsConnection,
  folder: string,
  { config, state }: SnapshotHead,
  replicas = config.num_replicas,
): Promise<BackedUpStream> {
  const archive = createReadStream(join(folder, config.name, archiveFile), { highWaterMark: pieceBytes });
  const head = { config: { ...config, num_replicas: replicas }, state };
  const { messages, bytes } = await restoreStream(nats, head, archive);
  return { name: config.name, messages, bytes };
}
