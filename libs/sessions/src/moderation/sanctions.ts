import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  ensureAlways,
  ensureStream,
  NatsClock,
  parseJson,
  type StoredMessage,
  StreamFollower,
} from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth, noteUnreadable } from '@ccgame/nats';
import { keptKickSeconds } from './kicks.js';
import {
  refusalOf,
  type Sanction,
  sanctionIn,
  type SanctionKind,
  sanctionsStream,
  sanctionsSubject,
} from './sanction.js';

/** A player whose sanctions are other ones by now, or whose session was ended. */
type OnSanction = (playerId: string) => void;

const pruneEveryMs = 60_000;

/**
 * The bans and mutes in force, as this server knows them: all in memory, a moment old at most, and without a look at NATS for each
 * question. They stay when NATS is away. `SanctionsModule` has it.
 */
@Injectable()
export class Sanctions implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new Logger('sanctions');
  private readonly inForce: Record<SanctionKind, Map<string, Sanction>> = {
    ban: new Map(),
    mute: new Map(),
  };
  /** By session: why, and until when nobody can go on with it. */
  private readonly kicked = new Map<string, { reason: string; until: number }>();
  private readonly listeners = new Set<OnSanction>();
  private timer?: NodeJS.Timeout;
  private follower?: StreamFollower;
  private endEnsuring?: () => void;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly clock: NatsClock,
  ) {}

  async onModuleInit(): Promise<void> {
    this.timer = setInterval(() => this.forgetOld(), pruneEveryMs).unref();
    const manager = await jetstreamManager(this.nats, { checkAPI: false });
    this.endEnsuring = await ensureAlways(this.health, () => ensureStream(manager, sanctionsStream), {
      name: sanctionsStream.name,
    });
    this.follower = new StreamFollower(this.nats, this.health, {
      stream: sanctionsStream.name,
      subject: sanctionsSubject,
      expecting: true,
      onReset: () => this.log.error({ event: 'sanctions.lost', remembered: this.inForce.ban.size }),
      onMessage: (message) => this.readRecord(message),
    });
    await Promise.all([this.clock.follow(sanctionsStream.name), this.follower.caughtUp]);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.endEnsuring?.();
    await this.follower?.close();
  }

  /** The player's ban or mute, where one is in force. */
  sanctionOf(kind: SanctionKind, playerId: string): Sanction | undefined {
    const sanction = this.inForce[kind].get(playerId);
    return sanction && this.isOver(sanction) ? undefined : sanction;
  }

  /** @throws RpcError BANNED; its details are `{ reason, until? }` */
  assertNotBanned(playerId: string): void {
    this.assertFree('ban', playerId);
  }

  /** For a server whose handler takes what players say to each other. @throws RpcError MUTED; its details are `{ reason, until? }` */
  assertNotMuted(playerId: string): void {
    this.assertFree('mute', playerId);
  }

  /** Why an operator ended the session; undefined: nobody did. */
  kickOf(session: string): string | undefined {
    return this.kicked.get(session)?.reason;
  }

  /** Calls `listener` with each player for whom something was written. @returns what ends that */
  onChange(listener: OnSanction): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private assertFree(kind: SanctionKind, playerId: string): void {
    const sanction = this.sanctionOf(kind, playerId);
    if (sanction) throw refusalOf(kind, sanction);
  }

  private readRecord(message: StoredMessage): void {
    const [, , kind, playerId = '', ...more] = message.subject.split('.');
    // No player's id has a dot.
    if (more.length > 0) return;
    if (kind === 'kick') this.noteKick(message);
    else if (kind === 'ban' || kind === 'mute') {
      const sanction = sanctionIn(message);
      if (sanction) this.inForce[kind].set(playerId, sanction);
      else this.inForce[kind].delete(playerId);
    } else return;
    for (const listener of this.listeners) listener(playerId);
  }

  private noteKick(message: StoredMessage): void {
    const { session, reason } = parseJson<{ session?: unknown; reason?: unknown }>(message.text()) ?? {};
    const until = message.storedAt + keptKickSeconds * 1_000;
    if (typeof session === 'string') this.kicked.set(session, { reason: String(reason), until });
    else if (message.data.length > 0) noteUnreadable('sanction', message.subject, message.seq);
  }

  private isOver({ until }: { until?: number }): boolean {
    return until !== undefined && until <= this.clock.now();
  }

  private forgetOld(): void {
    for (const entries of [this.inForce.ban, this.inForce.mute, this.kicked]) {
      for (const [key, entry] of entries) if (this.isOver(entry)) entries.delete(key);
    }
  }
}
