import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { jetstreamManager, type StreamConfig, type StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { archiveFile, type BackupHead, headFile } from './backup-files.js';
import { snapshotStream } from './snapshot-stream.js';

const archiveType = 'io.nats.jetstream.api.v1.stream_snapshot_response';
/** Guests' devices and players' sessions are in it. */
const forOwnerAlone = { mode: 0o700 };

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
 * name when all is in it and on disk; before that it ends in `.part`. One that fails is deleted, so that it takes no room from the next one.
 *
 * @throws Error when the folder, or one of its name and `.part`, is there already; as `snapshotStream`; the file system's, such as ENOSPC
 */
export async function backUpStreams(nats: NatsConnection, path: string): Promise<BackedUpStream[]> {
  if (existsSync(path)) throw new Error(`${path} is there already.`);
  // Without the slash that a shell completes: `.part` would stand inside of the folder.
  const folder = resolve(path);
  const part = `${folder}.part`;
  if (existsSync(part))
    throw new Error(
      `${part} is there already, as of a backup that was ended: remove it, or name another folder.`,
    );
  await mkdir(part, { recursive: true, ...forOwnerAlone });
  const done: BackedUpStream[] = [];
  try {
    for (const stream of await streamsToBackUp(nats)) done.push(await backUpStream(nats, stream, part));
    await rename(part, folder);
    return done;
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  }
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
  await mkdir(folder, forOwnerAlone);
  const hash = createHash('sha256');
  let bytes = 0;
  const archive = await open(join(folder, archiveFile), 'wx');
  try {
    const { config, state } = await snapshotStream(nats, name, (piece) => {
      hash.update(piece);
      bytes += piece.length;
      return archive.writeFile(piece);
    });
    await archive.sync();
    const metadata = { ...config.metadata, [madeAt]: firstMadeAt(stream) };
    const head: BackupHead = {
      config: { ...config, metadata },
      state,
      archive: { bytes, sha256: hash.digest('hex') },
    };
    await writeFile(join(folder, headFile), JSON.stringify({ type: archiveType, ...head }), { flush: true });
    return { name, messages: state.messages, bytes: state.bytes };
  } finally {
    await archive.close();
  }
}
