import { Logger } from '@nestjs/common';
import { parseJson } from '@ccgame/jetstream';
import { EntityErrors } from '../errors.js';
import type { Checkpoint, LogRecord } from '../live/records.js';
import { storedRecord } from './entity-store.js';

const log = new Logger('entities');

/** An entity's state as it is stored; undefined, and an operator is told, where that is none: it stays as it is. */
export function readCheckpoint(body: string, subject: string, sequence: number): Checkpoint | undefined {
  const checkpoint = parseJson<Checkpoint>(body);
  if (!checkpoint) log.error({ event: 'entity.state-unreadable', subject, sequence });
  return checkpoint;
}

/** @throws RpcError STATE_UNREADABLE: nothing may be born over what stands there */
export function requireCheckpoint(body: string, subject: string, sequence: number): Checkpoint {
  const checkpoint = readCheckpoint(body, subject, sequence);
  if (!checkpoint) throw EntityErrors.STATE_UNREADABLE();
  return checkpoint;
}

/** A record of a partition's log; one that is none keeps its place, and an operator is told that its inputs are lost. */
export function readLogRecord(body: string, subject: string, sequence: number): LogRecord {
  const record = parseJson<LogRecord>(body);
  if (record) return record;
  log.error({ event: 'entities.log-unreadable', subject, sequence });
  return storedRecord;
}
