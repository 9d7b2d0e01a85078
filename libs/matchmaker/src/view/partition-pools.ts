import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Config } from '@ccgame/config';
import type { Attributes, BackfillRecord, TicketRecord } from '../contracts/matches.js';
import { ReleaseService } from '@ccgame/releases';
import { NatsClock } from '@ccgame/jetstream';
import { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import { queueOf } from '../catalogue/queue-of.js';
import { keepingVersion, servingVersion } from '../catalogue/serving-version.js';
import { TicketPool } from '../pool/ticket-pool.js';
import type { Mode } from '../pool/rules/mode.js';
import { Committing } from './committing.js';
import { MatchFeed } from './match-feed.js';
import { WorkScheduler } from '../work-scheduler.js';
import type { ViewListener } from './match-view.js';
import { partitionNameOf, poolTicket, requestOf } from './pool-records.js';
import { RecentWaits } from './recent-waits.js';
import { surplusOf } from './surplus-partitions.js';

/** The open tickets that can meet, ready to be matched by whichever server owns them. */
export interface Partition {
  name: string;
  mode: Mode;
  pool: TicketPool;
  /** Epoch ms; left out while somebody waits. */
  emptySince?: number;
}

/** Hard keys can be texts, and there is no end of those: a partition in which nobody waits for so long is forgotten, ms. */
const forgottenAfterMs = 10 * 60_000;

/**
 * All open tickets that this version's servers match, by partition. Every one of them holds all, so that whoever takes a
 * partition over has nothing to load.
 */
@Injectable()
export class PartitionPools implements ViewListener, OnModuleInit {
  private readonly log = new Logger('matching');
  readonly partitions = new Map<string, Partition>();
  /** They wait outside their pool for what the stream says: their match may be written. */
  private readonly committing = new Committing();
  readonly waits = new RecentWaits();
  private readonly partitionByTicket = new Map<string, Partition>();
  private readonly listeners = new Set<(partition: Partition) => void>();
  private rebuilds = 0;
  private rebuilt = Promise.resolve();

  constructor(
    private readonly feed: MatchFeed,
    private readonly catalogue: ModeCatalogue,
    private readonly releases: ReleaseService,
    private readonly scheduler: WorkScheduler,
    private readonly clock: NatsClock,
  ) {}

  onModuleInit(): void {
    this.feed.addListener(this);
    this.catalogue.onChange((mode) => this.modeChanged(mode));
    this.releases.onChange(() => this.rebuildPools());
  }

  /** Whether tickets are on their way from one partition to another: a pass would find only some of them. */
  get isRebuilding(): boolean {
    return this.rebuilds > 0;
  }

  /** Calls `listener` with a partition in which a ticket came. */
  onArrival(listener: (partition: Partition) => void): void {
    this.listeners.add(listener);
  }

  partitionOfTicket(ticketId: string): Partition | undefined {
    return this.partitionByTicket.get(ticketId);
  }

  ticketChanged(ticket: TicketRecord, storedAt: number): void {
    const isOurs = this.servesVersion(queueOf(ticket));
    if (ticket.state === 'open' && isOurs) {
      // A match that was being written is refused, or over already: its word of the ticket gave way to this one unread.
      this.committing.delete(ticket.ticketId);
      return this.addTicket(ticket);
    }
    this.removeTicket(ticket.ticketId);
    if (ticket.state !== 'matched' || !isOurs) return;
    const mode = this.catalogue.find(ticket.mode);
    if (mode) this.waits.addWait(partitionNameOf(mode, ticket.attributes), storedAt, storedAt - ticket.since);
  }

  backfillChanged(record: BackfillRecord): void {
    const partition = this.partitionOfBackfill(record);
    if (!partition || this.committing.has(record.matchId)) return;
    const { pool } = partition;
    if (record.state !== 'open' || record.until < this.clock.now())
      return void pool.removeBackfill(record.matchId);
    pool.addBackfill(requestOf(record));
    for (const listener of this.listeners) listener(partition);
  }

  forgetAll(): void {
    this.partitions.clear();
    this.partitionByTicket.clear();
    this.committing.clear();
    // Those that are still in the stream are read again.
    this.waits.forgetAll();
  }

  /** Keeps tickets and running matches out of their pool until the stream tells of them, or they are put back. */
  beginCommit(partition: string, ids: Iterable<string>): void {
    for (const id of ids) this.committing.add(id, partition);
  }

  isCommitting(partition: string): boolean {
    return this.committing.hasOf(partition);
  }

  /** Puts all back that a partition was writing when it was lost. */
  putBackAllOf(partition: string): void {
    this.putBack(this.committing.idsOf(partition));
  }

  /** Puts tickets and running matches back whose match was not written, unless the stream has closed them meanwhile. */
  putBack(ids: Iterable<string>): void {
    const { openTickets, backfills } = this.feed.view;
    for (const id of ids) {
      this.committing.delete(id);
      const ticket = openTickets.get(id);
      if (ticket?.state === 'open') this.addTicket(ticket);
      const backfill = backfills.get(id);
      if (backfill) this.backfillChanged(backfill.record);
    }
  }

  /** Forgets the partitions in which nobody waits any more, and what running matches asked for too long ago. */
  forgetEmpty(now: number): void {
    const { backfills } = this.feed.view;
    for (const partition of this.partitions.values()) {
      for (const matchId of partition.pool.backfillIds())
        if ((backfills.get(matchId)?.record.until ?? 0) < now) partition.pool.removeBackfill(matchId);
      if (partition.pool.size + partition.pool.backfills > 0) partition.emptySince = undefined;
      else if (now - (partition.emptySince ??= now) > forgottenAfterMs) this.forgetPartition(partition);
    }
    for (const partition of surplusOf(this.partitions.values(), this.committing.partitions()))
      this.forgetPartition(partition);
  }

  private forgetPartition({ name }: Partition): void {
    this.partitions.delete(name);
    this.waits.forgetPartition(name);
  }

  /** Whether this version's servers are to match the tickets of a version now. */
  servesVersion(version: string): boolean {
    return servingVersion(this.releases.currentTable(), version) === Config.VERSION;
  }

  /** Whether this version's servers are to end what is left of a version, at least. */
  looksAfter(version: string): boolean {
    return keepingVersion(this.releases.currentTable(), version) === Config.VERSION;
  }

  /** Whether a mode of this version may match a ticket, or find players for a match, of another version. */
  takesTicket(
    { version, versionGroup }: Pick<TicketRecord, 'version' | 'versionGroup'>,
    mode: Mode,
  ): boolean {
    return version === Config.VERSION || versionGroup === mode.versionGroup;
  }

  private addTicket(record: TicketRecord): void {
    const { ticketId } = record;
    if (this.committing.has(ticketId)) return;
    const partition = this.partitionOf(record);
    if (!partition || partition.pool.getTicket(ticketId)) return;
    this.partitionByTicket.get(ticketId)?.pool.removeTicket(ticketId);
    this.partitionByTicket.set(ticketId, partition);
    partition.pool.addTicket(poolTicket(partition.mode, record));
    for (const listener of this.listeners) listener(partition);
  }

  /** Where a ticket belongs; undefined: it is not for this version's servers to match. */
  private partitionOf(record: TicketRecord): Partition | undefined {
    if (!this.servesVersion(queueOf(record))) return undefined;
    const mode = this.catalogue.find(record.mode);
    return mode && this.takesTicket(record, mode) ? this.partitionFor(mode, record.attributes) : undefined;
  }

  private partitionFor(mode: Mode, attributes: Attributes): Partition {
    const name = partitionNameOf(mode, attributes);
    const partition = this.partitions.get(name) ?? { name, mode, pool: new TicketPool(mode) };
    this.partitions.set(name, partition);
    return partition;
  }

  private partitionOfBackfill(record: BackfillRecord): Partition | undefined {
    const mode = this.catalogue.find(record.mode);
    const isOurs = mode?.backfill && this.servesVersion(record.version) && this.takesTicket(record, mode);
    return isOurs ? this.partitionFor(mode, record.hardKeys) : undefined;
  }

  private removeTicket(ticketId: string): void {
    this.committing.delete(ticketId);
    this.partitionByTicket.get(ticketId)?.pool.removeTicket(ticketId);
    this.partitionByTicket.delete(ticketId);
  }

  private modeChanged(name: string): void {
    const mode = this.catalogue.find(name);
    // From here on its tickets come into new ones, and its old ones are matched no more.
    for (const partition of this.partitions.values())
      if (partition.mode.name === name && partition.mode !== mode) this.forgetPartition(partition);
    this.rebuildPools();
  }

  /** A mode or the release table changed: brings each ticket to where it belongs by now. */
  private rebuildPools(): void {
    this.rebuilds += 1;
    this.rebuilt = this.rebuilt
      .then(() => this.scheduler.runInSlices('rebuild', this.movesOfAll()))
      .catch((error: unknown) => this.log.error({ event: 'pools.not-rebuilt', err: error }))
      .finally(() => (this.rebuilds -= 1));
  }

  private *movesOfAll(): Generator<void, void> {
    const { openTickets, backfills } = this.feed.view;
    for (const ticket of openTickets.values()) {
      const { ticketId, mode } = ticket;
      this.doOrTell({ ticketId, mode }, () => this.moveTicket(ticket));
      yield;
    }
    for (const { pool } of this.partitions.values()) {
      for (const matchId of pool.backfillIds()) pool.removeBackfill(matchId);
      yield;
    }
    for (const { record } of backfills.values()) {
      const { matchId, mode } = record;
      this.doOrTell({ matchId, mode }, () => this.backfillChanged(record));
      yield;
    }
  }

  /** One that no mode can hold doesn't keep the others from theirs. */
  private doOrTell(which: { mode: string; ticketId?: string; matchId?: string }, move: () => void): void {
    try {
      move();
    } catch (error) {
      this.log.error({ event: 'ticket.unusable', ...which, err: error });
    }
  }

  private moveTicket(ticket: TicketRecord): void {
    const { ticketId, state } = ticket;
    const from = this.partitionByTicket.get(ticketId);
    const to = state === 'open' ? this.partitionOf(ticket) : undefined;
    if (from === to) return;
    from?.pool.removeTicket(ticketId);
    this.partitionByTicket.delete(ticketId);
    if (to) this.addTicket(ticket);
  }
}
