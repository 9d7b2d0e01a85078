import type { Logger } from '@nestjs/common';
import type { JsonLogger } from './logger.js';

/** So that nobody has to remember it. */
const debugMs = 15 * 60_000;

/**
 * At SIGUSR2 the server writes all of its debug lines, for 15 minutes or until the next SIGUSR2. A signal needs no port and no
 * NATS, and only those may send it who may start processes in the pod (decision 170).
 */
export function debugOnSignal(logger: JsonLogger, log: Logger): void {
  let timer: NodeJS.Timeout | undefined;
  const change = (isDebugging: boolean): void => {
    clearTimeout(timer);
    timer = isDebugging ? setTimeout(() => change(false), debugMs).unref() : undefined;
    // A warning is seen at most levels.
    log.warn({ event: 'log.level-changed', lines: isDebugging ? 'all' : 'as configured' });
    logger.writeAll(isDebugging);
  };
  process.on('SIGUSR2', () => change(timer === undefined));
}
