import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DiscardPolicy, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/nats-core';
import {
  AckedPublisher,
  type BoundStream,
  DirectReader,
  ensureStream,
  parseJson,
  type StoredMessage,
} from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth, noteUnreadable } from '@ccgame/nats';
import {
  assertData,
  checkName,
  checkWhole,
  codeOf,
  type FieldProblem,
  inputBounds,
  invalid,
  isWithin,
  RpcError,
} from '@ccgame/rpc';
import { orBusy } from '../or-busy.js';

/** One order of an operator about a player, and its reason. */
export interface AuditEntry {
  /** `ban`, `unban`, `mute`, `unmute`, `kick`, `move`, `message`, or a word of the game's own; 1 to 100 characters. */
  action: string;
  playerId: string;
  /** The operator, 1 to 100 characters. */
  by: string;
  /** 1 to 500 characters. */
  reason: string;
  /** How long, where it has an end. */
  forSeconds?: number;
  /** More about the order, such as the text of a message: JSON data, so that the entry has 16 KiB at most. */
  details?: Record<string, unknown>;
  /** The code of the error that it ended with; a line without it goes before. */
  failed?: string;
}

/** An entry, and when it was stored. */
export interface AuditLine extends AuditEntry {
  /** Epoch ms by the clock of NATS. */
  at: number;
}

/** Which entries are read; all when empty. */
export interface AuditQuery {
  /** Entries about this player alone. */
  playerId?: string;
  /** Not before this moment, epoch ms. */
  from?: number;
  /** The newest so many alone; 10,000 where nothing is said, 200,000 at most. */
  limit?: number;
}

const batch = 1_000;
const limits = { usual: 10_000, most: 200_000 };
/** The limit of one line as JSON. */
const mostBytes = 16 * 1024;
/** The year 2262: a later moment has no nanoseconds in NATS, which begins with the oldest message then. */
const latestMs = 9_223_372_036_000;

/** Some two hundred thousand lines of the last 400 days; when it is full, the oldest go. */
export const auditStream: BoundStream = {
  name: 'AUDIT',
  subjects: ['audit.player.*'],
  storage: StorageType.File,
  discard: DiscardPolicy.Old,
  max_age: nanos(400 * 24 * 3600 * 1_000),
  max_bytes: 64 * 2 ** 20,
  allow_direct: true,
};

/** The orders of operators about players, with time and reason: the stream `AUDIT`. */
@Injectable()
export class AuditTrail implements OnApplicationShutdown {
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    health: NatsHealth,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
  }

  /**
   * Writes the line, and then does the work: what has no line isn't done. Where the work fails, another line says so.
   *
   * @throws RpcError INVALID, TOO_LARGE, and BUSY when the line can't be written: nothing is done then; and what the work throws
   */
  async carryOut<T>(entry: AuditEntry, work: () => Promise<T>): Promise<T> {
    const line = checkedLine(entry);
    await this.appendLine(line);
    try {
      return await work();
    } catch (error) {
      const failed = codeOf(error);
      await this.appendLine({ ...line, failed }).catch(() => undefined);
      throw error;
    }
  }

  /** The lines that are kept, oldest first. @throws RpcError BUSY, INVALID */
  async listLines({ playerId, from, limit = limits.usual }: AuditQuery = {}): Promise<AuditLine[]> {
    checkWhole('limit', limit, 1, limits.most);
    const subject = `audit.player.${playerId === undefined ? '*' : checkName('playerId', playerId)}`;
    const since = from === undefined ? undefined : { start_time: timeOf(from) };
    return orBusy(async () => {
      await this.ensureThere();
      const lines: AuditLine[] = [];
      for (let seq = 1, pending = 1; pending > 0;) {
        const at = seq === 1 && since ? since : { seq };
        const request = { next_by_subj: subject, batch, ...at };
        pending = await this.reader.readEach(auditStream.name, request, (message) => {
          seq = message.seq + 1;
          const line = lineIn(message);
          if (line) lines.push(line);
          // Not at each line: all that stand behind would be moved.
          if (lines.length >= limit + batch) lines.splice(0, lines.length - limit);
        });
      }
      return lines.slice(-limit);
    });
  }

  onApplicationShutdown(): void {
    this.publisher.close();
    this.reader.close();
  }

  private async appendLine(entry: AuditEntry): Promise<void> {
    const subject = `audit.player.${entry.playerId}`;
    await orBusy(async () => {
      await this.ensureThere();
      await this.publisher.publish(subject, JSON.stringify(entry));
    });
  }

  private async ensureThere(): Promise<void> {
    await ensureStream(await jetstreamManager(this.nats, { checkAPI: false }), auditStream);
  }
}

/** The faults of an order's two texts. */
export function orderProblems({ by, reason }: Pick<AuditEntry, 'by' | 'reason'>): FieldProblem[] {
  return [
    ...(isText(by, 100) ? [] : [{ field: 'by', rule: 'expected the operator, 1 to 100 characters' }]),
    ...(isText(reason, 500) ? [] : [{ field: 'reason', rule: 'expected a text of 1 to 500 characters' }]),
  ];
}

const isText = (value: unknown, most: number): boolean =>
  typeof value === 'string' && value.trim() !== '' && value.length <= most;

/** A copy, as the work may change what it was made of. @throws RpcError INVALID, TOO_LARGE */
function checkedLine({ action, playerId, by, reason, forSeconds, details }: AuditEntry): AuditEntry {
  const problems = [
    ...(isText(action, 100) ? [] : [{ field: 'action', rule: 'expected a text of 1 to 100 characters' }]),
    ...orderProblems({ by, reason }),
    ...(forSeconds === undefined || Number.isFinite(forSeconds)
      ? []
      : [{ field: 'forSeconds', rule: 'expected a number of seconds' }]),
    ...(details === undefined || isPlainObject(details)
      ? []
      : [
          {
            field: 'details',
            rule: `expected an object of JSON data with at most ${inputBounds.depth} levels`,
          },
        ]),
  ];
  if (problems.length > 0) throw invalid(problems);
  const line = { action, playerId: checkName('playerId', playerId), by, reason, forSeconds, details };
  const text = JSON.stringify(line);
  const bytes = Buffer.byteLength(text);
  if (bytes <= mostBytes) return JSON.parse(text) as AuditEntry;
  const message = 'The entry is too large for the audit trail';
  throw new RpcError('TOO_LARGE', { message, details: { bytes, limit: mostBytes } });
}

/** Whether JSON can hold it, and shows all of it. */
function isPlainObject(value: unknown): boolean {
  try {
    // First: it comes to an end in a circle, and in what is too much.
    if (!isWithin(value, inputBounds)) return false;
    assertData(value);
    return JSON.stringify(value).startsWith('{');
  } catch {
    return false;
  }
}

/** Undefined for what is no line, as what JetStream was made to send there (decision 061). */
function lineIn(message: StoredMessage): AuditLine | undefined {
  if (message.isForeign) return undefined;
  const entry = parseJson<Partial<Record<keyof AuditEntry, unknown>>>(message.text());
  const { action, playerId, by, reason, forSeconds, failed } = entry ?? {};
  const isSound =
    [action, playerId, by, reason].every((one) => typeof one === 'string') &&
    (forSeconds === undefined || typeof forSeconds === 'number') &&
    (failed === undefined || typeof failed === 'string');
  if (isSound) return { ...(entry as unknown as AuditEntry), at: message.storedAt };
  noteUnreadable('audit', message.subject, message.seq);
  return undefined;
}

/** NATS reads no year before 0, and there is no date beyond the last one. @throws RpcError INVALID */
function timeOf(from: number): string {
  if (from <= latestMs) return new Date(Math.max(0, from)).toISOString();
  throw invalid([{ field: 'from', rule: `expected epoch ms up to ${latestMs}` }]);
}
