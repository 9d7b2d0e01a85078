import { types } from 'node:util';
import type { Logger } from '@nestjs/common';
import { showValue } from '@ccgame/config';

/** How a process ends after an error that nobody caught. */
export interface Failures {
  /** From now on an error ends the process through this, instead of at once. */
  stopBy(stop: () => void): void;
}

/**
 * An error that nobody caught, thrown or a rejection, is a bug, and nobody knows what it left half done: it is logged as
 * `process.failed`, and the process ends with 1 - by the way of {@link Failures.stopBy}, so that players are moved first.
 */
export function endOnFailure(log: Logger): Failures {
  let stop = (): void => process.exit(1);
  const fail = (kind: string, thrown: unknown): void => {
    // Not by `instanceof`, which asks a proxy: an error in here would end the process at once, without a drain.
    const err = types.isNativeError(thrown) ? thrown : new Error(`Thrown: ${showValue(thrown)}`);
    try {
      log.fatal({ event: 'process.failed', kind, err });
    } catch {
      // The log itself fails, as on a closed pipe: standard error may be open still.
      process.stderr.write(`process.failed ${kind} ${showValue(thrown)}\n`);
    }
    stop();
  };
  process.on('uncaughtException', (error) => fail('thrown', error));
  process.on('unhandledRejection', (reason) => fail('rejected', reason));
  return { stopBy: (next) => void (stop = next) };
}
