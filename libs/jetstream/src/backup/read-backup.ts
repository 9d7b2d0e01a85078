import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { parseJson } from '../reading/parse-json.js';
import type { BackedUpStream } from './backup-folder.js';
import { archiveFile, type BackupHead, headFile } from './backup-files.js';
import { restoreStream } from './restore-stream.js';

const pieceBytes = 256 * 1024;

/** A folder that is no backup, or not as it was made. The message names the file. */
export class BackupDamaged extends Error {
  override readonly name = 'BackupDamaged';
}

/** The streams in a backup, by name. @throws BackupDamaged; the file system's error where there is no folder */
export async function readBackup(folder: string): Promise<BackupHead[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const heads = await Promise.all(names.sort().map((name) => readHead(folder, name)));
  if (heads.length === 0) throw new BackupDamaged(`${folder} has no backup in it.`);
  return heads;
}

/**
 * Reads all of a stream's archive, so that a damaged one is found before anything gives way to it. A backup that the `nats` command made
 * has no digest: its archive is only required not to be empty.
 *
 * @throws BackupDamaged
 */
export async function assertArchive(folder: string, { config, archive }: BackupHead): Promise<void> {
  const file = join(folder, config.name, archiveFile);
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new BackupDamaged(`${file} can't be read`, { cause });
  });
  if (size === 0) throw new BackupDamaged(`${file} is empty`);
  if (!archive) return;
  if (size !== archive.bytes) throw new BackupDamaged(`${file} has ${size} bytes of ${archive.bytes}`);
  const hash = createHash('sha256');
  for await (const piece of piecesOf(folder, config.name)) hash.update(piece);
  if (hash.digest('hex') !== archive.sha256) throw new BackupDamaged(`${file} was changed since it was made`);
}

/** @param replicas how many NATS servers keep it; as in the backup when left out @throws as `restoreStream` */
export async function restoreFromFolder(
  nats: NatsConnection,
  folder: string,
  { config, state }: BackupHead,
  replicas = config.num_replicas,
): Promise<BackedUpStream> {
  const head = { config: { ...config, num_replicas: replicas }, state };
  const { messages, bytes } = await restoreStream(nats, head, piecesOf(folder, config.name));
  return { name: config.name, messages, bytes };
}

async function readHead(folder: string, name: string): Promise<BackupHead> {
  const file = join(folder, name, headFile);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new BackupDamaged(`${file} can't be read`, { cause });
  });
  const head = parseJson<Partial<BackupHead>>(text);
  // Its name leads to the archive, and to the stream that gives way.
  if (head?.config?.name !== name || !isSound(head))
    throw new BackupDamaged(`${file} doesn't describe the stream ${name}`);
  return head as BackupHead;
}

/** As far as a restore relies on it before a stream gives way: the digest is of the archive alone. */
function isSound({ config, state, archive }: Partial<BackupHead>): boolean {
  const numbers = [config?.num_replicas, config?.max_bytes, state?.messages, state?.bytes];
  const isDigest =
    archive === undefined || (Number.isSafeInteger(archive?.bytes) && typeof archive.sha256 === 'string');
  return isDigest && numbers.every(Number.isSafeInteger);
}

function piecesOf(folder: string, stream: string): AsyncIterable<Buffer> {
  return createReadStream(join(folder, stream, archiveFile), { highWaterMark: pieceBytes });
}
