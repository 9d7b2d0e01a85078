import { existsSync } from 'node:fs';
import inspector from 'node:inspector';
import { Worker } from 'node:worker_threads';
import type { Logger } from '@nestjs/common';
import { Config } from '@ccgame/config';
import { connectionOptions } from '@ccgame/nats';
import { noteRound, sharedMemory } from './work-note.js';
import { lookEveryMs, type WatchdogData } from './watchdog-data.js';

/** Beside this file, or as the bundle has it. */
const places = ['./watchdog.worker.js', './shared/watchdog.worker.js'];

/** MB, so that the thread takes little: its code needs a fifth of that. */
const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

/**
 * Has a thread of its own end this process when a turn of its event loop takes more CPU time than HANG_TIMEOUT_SECONDS. A mark is stored for
 * the work that it was in (see `beginWork`), so that whoever goes on with it knows (decision 336).
 */
export function startWatchdog(log: Logger): void {
  const file = places.map((place) => new URL(place, import.meta.url)).find((place) => existsSync(place));
  if (!file) return log.warn({ event: 'watchdog.missing' });
  const { NATS_ADDRESS: address, NATS_TLS_CA: tlsCa, SERVER_ID: serverId, SERVER_TYPE: serverType } = Config;
  const name = `${serverId} watchdog`;
  const workerData: WatchdogData = {
    memory: sharedMemory,
    limitMs: Config.HANG_TIMEOUT_SECONDS * 1_000,
    connection: connectionOptions({ address, name, serverType, tlsCa, coalesceWrites: false }),
    serverId,
    version: Config.VERSION,
  };
  const round = (): void => noteRound(inspector.url() !== undefined);
  round();
  setInterval(round, lookEveryMs).unref();
  const worker = new Worker(file, { workerData, resourceLimits, env: {}, execArgv: [] });
  worker.on('error', (err) => log.error({ event: 'watchdog.failed', err }));
  worker.unref();
}
