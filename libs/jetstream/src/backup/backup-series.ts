import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { readStorageTime } from '../streams/storage-time.js';
import { type BackedUpStream, backUpStreams } from './backup-folder.js';

/** `2026-11-28T17-30-00Z`: by name they are in order of time. */
const backupName = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/;

/** A file system says so where it has no room, and where a quota is used up. */
const fullCodes = ['ENOSPC', 'EDQUOT'];

/** The backup that was added to a series. */
export interface AddedBackup {
  folder: string;
  streams: BackedUpStream[];
  /** The names of older ones that were deleted before their time, as there was no room. */
  dropped: string[];
}

/**
 * Makes a backup in a folder of its own, which is named by the time of NATS, and deletes the oldest of its neighbours. Only one process may do so
 * at a time, as unfinished backups are deleted first. Where there is no room, the oldest go before their time, one after the other, and half of `keep`
 * stay in any case: a disk that is full of old backups would take no new one for ever.
 *
 * @param keep how many stay
 * @throws as `backUpStreams`
 */
export async function addToSeries(nats: NatsConnection, series: string, keep: number): Promise<AddedBackup> {
  await deleteUnfinished(series);
  // Each backup may be made on another machine, and the order of their names says which one goes.
  const now = new Date((await readStorageTime(nats)) ?? Date.now());
  const folder = join(series, `${now.toISOString().slice(0, 19).replaceAll(':', '-')}Z`);
  const dropped: string[] = [];
  for (;;) {
    try {
      const streams = await backUpStreams(nats, folder);
      await deleteOld(series, keep, basename(folder));
      return { folder, streams, dropped };
    } catch (error) {
      const [oldest, ...newer] = await backupsIn(series);
      const isFull = fullCodes.includes((error as NodeJS.ErrnoException).code ?? '');
      if (!isFull || oldest === undefined || newer.length < Math.ceil(keep / 2)) throw error;
      await deleteFrom(series, [oldest]);
      dropped.push(oldest);
    }
  }
}

/** One that was killed took room, and this one might have too little then. */
async function deleteUnfinished(series: string): Promise<void> {
  await mkdir(series, { recursive: true });
  const names = (await readdir(series)).filter((name) => name.endsWith('.part'));
  await deleteFrom(
    series,
    names.filter((name) => backupName.test(name.slice(0, -'.part'.length))),
  );
}

async function deleteOld(series: string, keep: number, made: string): Promise<void> {
  const names = (await backupsIn(series)).filter((name) => name !== made);
  await deleteFrom(series, names.slice(0, Math.max(0, names.length - keep + 1)));
}

/** The names of those that are whole, the oldest first. */
async function backupsIn(series: string): Promise<string[]> {
  return (await readdir(series)).filter((name) => backupName.test(name)).sort();
}

async function deleteFrom(series: string, names: string[]): Promise<void> {
  for (const name of names) await rm(join(series, name), { recursive: true, force: true });
}
