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
import { checkName, checkWhole, codeOf, invalid } from '@ccgame/rpc';
import { orBusy } from '../or-busy.js';

/** One order of an operator about a player, and its reason. */
export interface AuditEntry {
  /** `ban`, `unban`, `mute`, `unmute`, `kick`, `move`, `message`, or a word of the game's own. */
  action: string;
  playerId: string;
  /** The operator. */
  by: string;
  reason: string;
  /** How long, where it has an end. */
  forSeconds?: number;
  /** More about the order, such as the text of a message. */
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
   * @throws RpcError BUSY when the line can't be written, and what the work throws
   */
  async carryOut<T>(entry: AuditEntry, work: () => Promise<T>): Promise<T> {
    await this.appendLine(entry);
    try {
      return await work();
    } catch (error) {
      const failed = codeOf(error);
      await this.appendLine({ ...entry, failed }).catch(() => undefined);
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
    const subject = `audit.player.${checkName('playerId', entry.playerId)}`;
    await orBusy(async () => {
      await this.ensureThere();
      await this.publisher.publish(subject, JSON.stringify(entry));
    });
  }

  private async ensureThere(): Promise<void> {
    await ensureStream(await jetstreamManager(this.nats, { checkAPI: false }), auditStream);
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
