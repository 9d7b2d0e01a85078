import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  AckedPublisher,
  DirectReader,
  ensureStream,
  KeyValueBucket,
  readAgain,
  untilWritten,
} from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { checkName, checkWhole, invalid } from '@ccgame/rpc';
import { GameErrors } from '@ccgame/protocol';
import { readSession, type SessionRecord, sessionsBucket } from '../claims/session-record.js';
import { AuditTrail, orderProblems } from './audit-trail.js';
import { keptKickSeconds } from './kicks.js';
import { orBusy } from '../or-busy.js';
import {
  type Sanction,
  sanctionIn,
  type SanctionKind,
  type SanctionRecord,
  sanctionsBucket,
  sanctionsStream,
} from './sanction.js';

/** The operator who asks for it, and the reason: both stand in the audit stream. */
export interface Order {
  /** The operator, 1 to 100 characters. */
  by: string;
  /** 1 to 500 characters. The player reads it, too, but for that of an unban or unmute. */
  reason: string;
}

/** An operator's order to ban or mute. */
export interface SanctionOrder extends Order {
  /** How long, in whole seconds; left out: until it is lifted. */
  forSeconds?: number;
}

/** The session that an operator ended. */
export interface KickedSession {
  session: string;
  /** The connector that holds its socket, or held it last. */
  serverId: string;
}

/** A hundred years. */
const longestSeconds = 100 * 31_536_000;
/** Servers that lost NATS meanwhile still hear of it. */
const liftedForSeconds = 24 * 3600;

/**
 * Bans, mutes and kicks players, and writes each into the audit stream first. For an operator's tools: the `ccgame` command, or the
 * admin pages of a studio (`ModerationModule`; its server type needs the rights that docs/sessions.md names).
 */
@Injectable()
export class Moderation implements OnApplicationShutdown {
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly bucket: KeyValueBucket;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    health: NatsHealth,
    private readonly audit: AuditTrail,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
    this.bucket = new KeyValueBucket(sanctionsBucket, nats, this.publisher, this.reader);
  }

  /**
   * Keeps the player out: at logins and handshakes, and live sockets end, with BANNED. Takes the place of an earlier ban.
   *
   * @throws RpcError INVALID; BUSY where it may not be stored, as the bucket is full
   */
  async banPlayer(playerId: string, order: SanctionOrder): Promise<void> {
    await this.imposeSanction('ban', playerId, order);
  }

  /** @throws RpcError NOT_FOUND where the player isn't banned; as {@link banPlayer} */
  async unbanPlayer(playerId: string, order: Order): Promise<void> {
    await this.liftSanction('ban', playerId, order);
  }

  /** Refuses what the player says to others, with MUTED: the routes and events of `EdgeOptions.chat`. @throws as {@link banPlayer} */
  async mutePlayer(playerId: string, order: SanctionOrder): Promise<void> {
    await this.imposeSanction('mute', playerId, order);
  }

  /** @throws RpcError NOT_FOUND where the player isn't muted; as {@link banPlayer} */
  async unmutePlayer(playerId: string, order: Order): Promise<void> {
    await this.liftSanction('mute', playerId, order);
  }

  /**
   * Ends the player's session: its socket is closed with REMOVED, and nobody can go on with it. The player may come back at once,
   * with a new one.
   *
   * @throws RpcError NOT_FOUND where there is no session; as {@link banPlayer}
   */
  async kickPlayer(playerId: string, order: Order): Promise<KickedSession> {
    const { by, reason } = checkOrder(order);
    const entry = { action: 'kick', playerId, by, reason };
    // An order that finds nobody stands in the audit stream too.
    const { session, serverId } = await this.sessionOf(playerId).catch((error: Error) =>
      this.audit.carryOut(entry, () => Promise.reject(error)),
    );
    await this.audit.carryOut({ ...entry, details: { session } }, () =>
      this.writeRecord(`kick.${playerId}`, { reason, by, session }, keptKickSeconds),
    );
    return { session, serverId };
  }

  /** Those of the player that are in force; one may be named for some seconds after its end. @throws RpcError INVALID, BUSY */
  async sanctionsOf(playerId: string): Promise<Partial<Record<SanctionKind, Sanction>>> {
    const id = checkName('playerId', playerId);
    const [ban, mute] = await Promise.all([this.findSanction('ban', id), this.findSanction('mute', id)]);
    return { ...(ban && { ban }), ...(mute && { mute }) };
  }

  onApplicationShutdown(): void {
    this.publisher.close();
    this.reader.close();
  }

  private async imposeSanction(kind: SanctionKind, playerId: string, order: SanctionOrder): Promise<void> {
    const { by, reason } = checkOrder(order);
    const { forSeconds } = order;
    if (forSeconds !== undefined) checkWhole('forSeconds', forSeconds, 1, longestSeconds);
    const key = `${kind}.${checkName('playerId', playerId)}`;
    await this.audit.carryOut({ action: kind, playerId, by, reason, forSeconds }, () =>
      this.writeRecord(key, { reason, by, forSeconds }, forSeconds),
    );
  }

  private async liftSanction(kind: SanctionKind, playerId: string, order: Order): Promise<void> {
    const { by, reason } = checkOrder(order);
    const key = `${kind}.${checkName('playerId', playerId)}`;
    await this.audit.carryOut({ action: `un${kind}`, playerId, by, reason }, async () => {
      if (!(await readAgain(() => this.findSanction(kind, playerId)))) {
        throw GameErrors.NOT_FOUND({ message: `${playerId} has no ${kind}` });
      }
      await this.writeRecord(key, { isLifted: true }, liftedForSeconds);
    });
  }

  private findSanction(kind: SanctionKind, playerId: string): Promise<Sanction | undefined> {
    return orBusy(async () => {
      await this.ensureThere();
      const subject = `$KV.${sanctionsBucket}.${kind}.${playerId}`;
      const { record } = await this.reader.readRecord(sanctionsStream.name, subject);
      return record && sanctionIn(record);
    });
  }

  private async sessionOf(playerId: string): Promise<SessionRecord> {
    const subject = `$KV.${sessionsBucket}.${checkName('playerId', playerId)}`;
    let record: SessionRecord | undefined;
    // One that is away may have come back, of which a replica that is behind doesn't know.
    await readAgain(async () => {
      const message = await orBusy(() => this.reader.readLast(`KV_${sessionsBucket}`, subject));
      record = message && readSession(message.text(), subject, message.seq);
      return record?.isConnected === true || undefined;
    });
    if (!record) throw GameErrors.NOT_FOUND({ message: `${playerId} has no session` });
    return record;
  }

  /** By compare-and-set, as readers believe nothing else (decision 061): the last one wins. */
  private async writeRecord(key: string, record: SanctionRecord, ttlSeconds?: number): Promise<void> {
    await orBusy(() => this.ensureThere());
    const value = JSON.stringify(record);
    await orBusy(() =>
      untilWritten(async () => {
        const { seq } = await this.reader.readRecord(sanctionsStream.name, `$KV.${sanctionsBucket}.${key}`);
        return (await this.bucket.compareAndSet(key, value, seq, ttlSeconds)) !== undefined;
      }),
    );
  }

  private async ensureThere(): Promise<void> {
    await ensureStream(await jetstreamManager(this.nats, { checkAPI: false }), sanctionsStream);
  }
}

/** @throws RpcError INVALID */
function checkOrder({ by, reason }: Order): Order {
  const problems = orderProblems({ by, reason });
  if (problems.length > 0) throw invalid(problems);
  return { by, reason };
}
