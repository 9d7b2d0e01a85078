import { Logger } from '@nestjs/common';
import type { StoredMessage } from './stored-message.js';

const log = new Logger('storage');

/**
 * The message, where it was written by compare-and-set, as everybody writes who may. Undefined, and logged, where a user had
 * JetStream send it there (decision 061): it counts as no record, and the next write takes its place.
 */
export function writtenRecord(message: StoredMessage): StoredMessage | undefined {
  if (message.isWritten) return message;
  log.error({ event: 'storage.not-written', subject: message.subject, sequence: message.seq });
  return undefined;
}
