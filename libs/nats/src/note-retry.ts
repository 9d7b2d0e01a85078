import { Logger } from '@nestjs/common';
import { errorText } from '@ccgame/config';
import { metrics } from './metrics.js';

/** One line for each kind of work in this time; the counter has the rest. */
const tellEveryMs = 10_000;

/** Records that are told of once each; those that are told of again when there are more do no harm. */
const mostUnreadable = 1_000;

const logger = new Logger('retries');
const told = new Map<string, { at: number; since: number }>();
const unreadable = new Set<string>();

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

/**
 * Notes that a stored record isn't one of its kind, as an operator's hand, a restored backup or another version may leave it: it is left out, and
 * all others count. Once for each record, however often it is read.
 *
 * @param kind as the metric's label, behind `read-`: one of few
 */
export function noteUnreadable(kind: string, subject: string, sequence: number, error?: unknown): void {
  const record = `${subject}@${sequence}`;
  if (unreadable.has(record)) return;
  if (unreadable.size >= mostUnreadable) unreadable.clear();
  unreadable.add(record);
  noteSetAside(`read-${kind}`, error, { subject, sequence });
}
