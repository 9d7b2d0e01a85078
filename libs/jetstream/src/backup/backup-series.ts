import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { type BackedUpStream, backUpStreams } from './backup-folder.js';

/** `2026-11-28T17-30-00Z`: by name they are in order of time. */
const backupName = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/;

/** The backup that was added to a series. */
export interface AddedBackup {
  folder: string;
  streams: BackedUpStream[];
}

/**
 * Makes a backup in a folder of its own, which is named by the time, and deletes the oldest of its neighbours.
 *
 * @param keep how many stay
 * @throws as `backUpStreams`; then none is deleted
 */
export async function addToSeries(nats: NatsConnection, series: string, keep: number): Promise<AddedBackup> {
  const folder = join(series, `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}Z`);
  const streams = await backUpStreams(nats, folder);
  await deleteOld(series, keep);
  return { folder, streams };
}

/** And what was left unfinished before the oldest that stays. */
async function deleteOld(series: string, keep: number): Promise<void> {
  const names = (await readdir(series)).sort();
  const whole = names.filter((name) => backupName.test(name));
  const oldest = whole.at(-keep) ?? '';
  const isOurs = (name: string): boolean => backupName.test(name.replace(/\.part$/, ''));
  const old = names.filter((name) => isOurs(name) && name < oldest);
  for (const name of old) await rm(join(series, name), { recursive: true, force: true });
}
