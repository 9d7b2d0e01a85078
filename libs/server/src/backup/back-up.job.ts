import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { Config } from '@ccgame/config';
import { backUpStreams } from '@ccgame/jetstream';
import { connectNats } from '@ccgame/nats';
import type { Job, JobArguments, JobReport } from '../run-job.js';

/** `2026-11-28T17-30-00Z`: by name they are in order of time. */
const backupName = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/;
const keptByDefault = 24;

/** Copies what NATS stores into a new folder, and deletes the oldest of those before. */
@Injectable()
export class BackUpJob implements Job {
  readonly takes = {
    folder: 'where backups are kept, each in a folder of its own that is named by the time',
    keep: `how many of them stay (${keptByDefault})`,
  };
  private readonly log = new Logger('backup');

  async run({ folder = '', keep = String(keptByDefault) }: JobArguments): Promise<JobReport> {
    if (folder === '') throw new Error('Say where to: --folder /backups');
    if (!/^[1-9]\d{0,4}$/.test(keep)) throw new Error('--keep is a number of backups, 1 or more.');
    const name = `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
    const nats = await connectNats({
      address: Config.NATS_ADDRESS,
      name: Config.SERVER_ID,
      // Has the rights of no server type.
      serverType: 'backup',
      tlsCa: Config.NATS_TLS_CA,
      coalesceWrites: false,
    });
    try {
      const done = await backUpStreams(nats, join(folder, name));
      const bytes = done.reduce((sum, stream) => sum + stream.bytes, 0);
      this.log.log({ event: 'backup.written', folder: join(folder, name), streams: done.length, bytes });
      await deleteOld(folder, Number(keep));
      return { done, skipped: [], failed: [] };
    } finally {
      await nats.close();
    }
  }
}

/** And what was left unfinished before the oldest that stays. */
async function deleteOld(folder: string, keep: number): Promise<void> {
  const names = (await readdir(folder)).sort();
  const whole = names.filter((name) => backupName.test(name));
  const oldest = whole.at(-keep) ?? '';
  const isOurs = (name: string): boolean => backupName.test(name.replace(/\.part$/, ''));
  const old = names.filter((name) => isOurs(name) && name < oldest);
  for (const name of old) await rm(join(folder, name), { recursive: true, force: true });
}
