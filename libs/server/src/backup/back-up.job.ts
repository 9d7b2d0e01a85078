import { Injectable, Logger } from '@nestjs/common';
import { Config } from '@ccgame/config';
import { addToSeries } from '@ccgame/jetstream';
import { connectNats } from '@ccgame/nats';
import type { Job, JobArguments, JobReport } from '../job.js';

const keptByDefault = 24;

/** Copies what NATS stores into a new folder, and deletes the oldest of those before. */
@Injectable()
export class BackUpJob implements Job {
  readonly takes = {
    folder: 'where backups are kept, each in a folder of its own that is named by the time',
    keep: `how many of them stay (${keptByDefault})`,
  };
  private readonly log = new Logger('backup');

  async run({ folder: series = '', keep = String(keptByDefault) }: JobArguments): Promise<JobReport> {
    if (series === '') throw new Error('Say where to: --folder /backups');
    if (!/^[1-9]\d{0,4}$/.test(keep)) throw new Error('--keep is a number of backups, 1 or more.');
    const nats = await connectNats({
      address: Config.NATS_ADDRESS,
      name: Config.SERVER_ID,
      // Has the rights of no server type.
      serverType: 'backup',
      tlsCa: Config.NATS_TLS_CA,
      coalesceWrites: false,
    });
    try {
      const { folder, streams, dropped } = await addToSeries(nats, series, Number(keep));
      if (dropped.length > 0) this.log.warn({ event: 'backup.no-room', series, dropped });
      const bytes = streams.reduce((sum, stream) => sum + stream.bytes, 0);
      this.log.log({ event: 'backup.written', folder, streams: streams.length, bytes });
      return { done: streams, skipped: [], failed: [] };
    } finally {
      await nats.close();
    }
  }
}
