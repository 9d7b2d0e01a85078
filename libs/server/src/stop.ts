import type { Server } from 'node:http';
import { constants } from 'node:os';
import type { INestApplicationContext, Logger } from '@nestjs/common';
import { Config } from '#config';
import { Drain } from './drain.js';
import { Readiness } from './readiness.js';

/**
 * Ends the process at once at a signal, or when its launcher is gone, while there is nothing to finish yet. A process that
 * is the first one of its container would not even hear a signal without.
 *
 * @returns the end of that: from now on somebody else takes the signals.
 */
export function exitOnSignal(): () => void {
  const onSignal = (signal: NodeJS.Signals): never => process.exit(128 + constants.signals[signal]);
  const onDisconnect = (): never => process.exit(1);
  if (process.connected === false) onDisconnect();
  process.once('SIGTERM', onSignal).once('SIGINT', onSignal);
  if (process.send) process.once('disconnect', onDisconnect);
  return () => {
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('disconnect', onDisconnect);
  };
}

/**
 * Stops the server at SIGTERM, SIGINT, or when the launcher that started it is gone.
 *
 * The order: not ready, so that nothing new is sent here; drain, while everybody can still be talked to; Nest's own
 * shutdown, in which RPC finishes what runs, then NATS is flushed and closed; the ops port last, so that a probe gets an
 * answer all the while. A second signal, or STOP_TIMEOUT_SECONDS, ends the process at once with exit code 1.
 */
export function stopOnSignal(app: INestApplicationContext, ops: Server, log: Logger): void {
  let stopping = false;
  const onSignal = (reason: string): void => {
    if (stopping) {
      log.warn({ event: 'server.stop-forced', reason });
      process.exit(1);
    }
    stopping = true;
    const timeoutMs = Config.STOP_TIMEOUT_SECONDS * 1000;
    setTimeout(() => {
      log.error({ event: 'server.stop-timeout', timeoutMs });
      process.exit(1);
    }, timeoutMs).unref();
    stop(app, ops, log, { reason, deadline: Date.now() + timeoutMs }).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  if (process.send) process.once('disconnect', () => onSignal('launcher gone'));
}

interface StopOrder {
  reason: string;
  deadline: number;
}

async function stop(app: INestApplicationContext, ops: Server, log: Logger, order: StopOrder): Promise<void> {
  const started = performance.now();
  log.log({ event: 'server.stopping', reason: order.reason });
  app.get(Readiness).state = 'draining';
  await app
    .get(Drain)
    .run(order.deadline, (name, reason) => log.error({ event: 'server.drain-failed', name, err: reason }));
  await app.close();
  log.log({ event: 'server.stopped', ms: Math.round(performance.now() - started) });
  ops.close();
}
