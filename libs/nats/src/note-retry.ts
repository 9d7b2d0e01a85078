import { Logger } from '@nestjs/common';
import { errorText } from '@ccgame/config';
import { metrics } from './metrics.js';

/** One line for each kind of work in this time; the counter has the rest. */
const tellEveryMs = 10_000;

const logger = new Logger('retries');
const told = new Map<string, { at: number; since: number }>();

/**
 * Notes that something failed and is tried again, for work that goes on for as long as the process, or a socket, lives: nobody else
 * would hear of it (decision 175).
 *
 * @param work as the metric's label: one of few
 */
export function noteRetry(work: string, error: unknown, fields: object = {}): void {
  metrics.retries.inc({ work });
  const last = told.get(work) ?? { at: -Infinity, since: 0 };
  last.since += 1;
  told.set(work, last);
  const now = performance.now();
  if (now - last.at < tellEveryMs) return;
  logger.warn({ event: 'work.retried', work, times: last.since, reason: errorText(error), ...fields });
  last.at = now;
  last.since = 0;
}

/**
 * Notes that work which was tried again is given up: the same try would fail again, or did for too long. The work behind it goes on, and a
 * person has to look (decision 175).
 *
 * @param work as the metric's label: one of few
 */
export function noteSetAside(work: string, error: unknown, fields: object): void {
  metrics.setAside.inc({ work });
  logger.error({ event: 'work.set-aside', work, ...fields, err: error });
}
