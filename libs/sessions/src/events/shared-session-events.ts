import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { DirectReader } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth, noteRetry } from '@ccgame/nats';
import { Membership } from '@ccgame/ownership';
import { type ResolvedRpcOptions, RPC_OPTIONS } from '@ccgame/rpc';
import { within } from '@ccgame/rpc/basics';
import { type SessionRecord, sessionsBucket } from '../claims/session-record.js';
import { SessionWatch } from '../claims/session-watch.js';
import { AtMost } from './at-most.js';
import { PlayerTeller, type SharedSessionHandler, type TellerParts } from './player-teller.js';
import { partitionOf, partitions, type Told, ToldSessions } from './told-sessions.js';

/** Handlers that are at work at once … */
const mostHandlers = 256;
/** … but for those that have taken longer, ms: they may never end. */
const handlerMs = 60_000;
const retryMs = 1_000;
const prefix = `$KV.${sessionsBucket}.`;

interface Player {
  teller: PlayerTeller;
  endWatch: () => void;
}

/**
 * Tells the servers of a type what happens to the sessions of all players: each event to one of them, in a player's order, also across
 * their deaths. An event whose server died before that was stored is told again, under its `id`. A provider of a server's own: its user
 * needs the rights that docs/sessions.md names.
 */
@Injectable()
export class SharedSessionEvents implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly told: ToldSessions;
  private readonly reader: DirectReader;
  private readonly membership: Membership;
  private readonly log = new Logger('sessions');
  private readonly turns = new AtMost(mostHandlers, handlerMs, () =>
    this.log.warn({ event: 'session-events.handler-late', ms: handlerMs }),
  );
  private readonly players = new Map<string, Player>();
  /** The partitions whose players are all known. */
  private readonly taken = new Set<string>();
  /** Players whose record was written, and of whom it isn't known yet what was told. */
  private readonly strangers = new Map<string, { written: SessionRecord; isAsked: boolean }>();
  /** By player: the handler is at work still, though the player was given up. */
  private readonly ending = new Map<string, Promise<void>>();
  private watch?: SessionWatch;
  private parts?: TellerParts;
  private unwatch?: () => void;
  private takes: Promise<void> = Promise.resolve();
  private isStopping = false;
  private readonly stopTimeoutMs: number;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    @Inject(RPC_OPTIONS) { identity, stopTimeoutMs }: ResolvedRpcOptions,
  ) {
    const { serverId, serverType } = identity;
    this.stopTimeoutMs = stopTimeoutMs;
    this.told = new ToldSessions(nats, health, serverType);
    this.reader = new DirectReader(nats, health);
    this.membership = new Membership({ nats, health, serverId, subject: `session-beacon.${serverType}.all` });
  }

  /**
   * Begins to take part in what the type is told. Sessions that are there and that nobody of the type was told of are `opened`.
   * A handler that throws is called again, first after 0.5 s; that player's later events wait for it, and of several their outcome is told. After an
   * hour, also where it has not ended, or at once where it throws INVALID, TOO_LARGE or FORBIDDEN, the event is set aside.
   *
   * @throws Error when it was called before
   */
  async watchAll(handle: SharedSessionHandler): Promise<void> {
    if (this.parts) throw new Error('A server listens to the shared session events once');
    this.parts = {
      handle,
      readTold: (playerId) => this.told.readTold(playerId),
      writeTold: (playerId, told) => this.told.writeTold(playerId, told),
      takeTurn: (work) => this.turns.withTurn(work),
      forget: (playerId) => this.leave([playerId]),
    };
    await this.told.open();
    this.watch = new SessionWatch(this.nats, this.health, (playerId, written) =>
      this.strangerHeard(playerId, written),
    );
    this.membership.onChange(() => this.takePartitions());
    this.unwatch = this.health.onChange((connected) => {
      // Nobody heard of players who came while NATS was away.
      this.taken.clear();
      if (connected) this.takePartitions();
    });
    await this.membership.join();
  }

  /** Others go on from what was told here. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    if (!this.watch) return;
    this.leave(this.players.keys());
    await this.takes;
    // A handler may never end, and others take over what it was told. The calls that run have their time after this, within that of the stop.
    await within(
      this.stopTimeoutMs / 4,
      () => Promise.all(this.ending.values()),
      () => undefined,
    );
    await this.membership.leave();
  }

  onApplicationShutdown(): void {
    this.unwatch?.();
    this.watch?.close();
    this.membership.close();
    this.told.close();
    this.reader.close();
  }

  private takePartitions(): void {
    this.takes = this.takes.then(() => this.takeWanted());
  }

  private async takeWanted(): Promise<void> {
    while (!this.isStopping) {
      try {
        return await this.takeNow();
      } catch (error) {
        noteRetry('session-events', error);
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  /** @throws NotRead */
  private async takeNow(): Promise<void> {
    const own = new Set(partitions.filter((partition) => this.membership.shouldOwn(partition)));
    this.leave([...this.players.keys()].filter((playerId) => !own.has(partitionOf(playerId))));
    for (const partition of this.taken) if (!own.has(partition)) this.taken.delete(partition);
    const gained = new Set([...own].filter((partition) => !this.taken.has(partition)));
    if (gained.size === 0) return;
    const told = new Map<string, Told>();
    for (const partition of gained)
      for (const [playerId, one] of await this.told.readPartition(partition)) told.set(playerId, one);
    const present = await this.playersIn(gained);
    for (const [playerId, { seen }] of told) if (seen && !seen.isOver) present.add(playerId);
    for (const playerId of present) this.watchPlayer(playerId, told.get(playerId) ?? { revision: 0 });
    for (const partition of gained) if (this.membership.shouldOwn(partition)) this.taken.add(partition);
    for (const [playerId, { written }] of [...this.strangers]) this.strangerHeard(playerId, written);
  }

  /** @throws NotRead */
  private async playersIn(wanted: ReadonlySet<string>): Promise<Set<string>> {
    const found = new Set<string>();
    await this.reader.readAll(`KV_${sessionsBucket}`, `${prefix}*`, (message) => {
      const playerId = message.subject.slice(prefix.length);
      if (message.data.length > 0 && wanted.has(partitionOf(playerId))) found.add(playerId);
    });
    return found;
  }

  /** A record was written of a player who isn't watched here. */
  private strangerHeard(playerId: string, written: SessionRecord): void {
    const partition = partitionOf(playerId);
    const stranger = { written, isAsked: this.strangers.get(playerId)?.isAsked ?? false };
    this.strangers.delete(playerId);
    if (this.isStopping || this.players.has(playerId) || !this.membership.shouldOwn(partition)) return;
    this.strangers.set(playerId, stranger);
    if (!this.taken.has(partition) || stranger.isAsked) return;
    stranger.isAsked = true;
    this.readAndWatch(playerId);
  }

  private readAndWatch(playerId: string): void {
    this.told.readTold(playerId).then(
      (told) => this.watchPlayer(playerId, told),
      (error: unknown) => {
        noteRetry('session-events', error);
        const stranger = this.strangers.get(playerId);
        if (stranger) stranger.isAsked = false;
        // Everything is read again.
        this.taken.delete(partitionOf(playerId));
        this.takePartitions();
      },
    );
  }

  private watchPlayer(playerId: string, told: Told): void {
    const { watch, parts } = this;
    // Its handler writes what it told when it has ended. It may never end: no other player waits for it.
    const ended = this.ending.get(playerId);
    if (ended) return void ended.then(() => this.readAndWatch(playerId));
    const stranger = this.strangers.get(playerId);
    this.strangers.delete(playerId);
    if (!watch || !parts || this.isStopping || this.players.has(playerId)) return;
    if (!this.membership.shouldOwn(partitionOf(playerId))) return;
    const teller = new PlayerTeller(playerId, told, parts);
    const endWatch = watch.watchSession(playerId, (seen) => teller.noteSeen(seen), stranger?.written);
    this.players.set(playerId, { teller, endWatch });
  }

  private leave(playerIds: Iterable<string>): void {
    for (const playerId of playerIds) {
      const player = this.players.get(playerId);
      if (!player) continue;
      this.players.delete(playerId);
      player.endWatch();
      const ended = player.teller.stopTelling().finally(() => this.ending.delete(playerId));
      this.ending.set(playerId, ended);
    }
  }
}
