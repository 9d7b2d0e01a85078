import { Injectable } from '@nestjs/common';
import { Config } from '#config';
import type { Attributes, BackfillRecord, TicketRecord } from '#contracts';
import { ReleaseService } from '#releases';
import { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import { queueOf } from '../catalogue/queue-of.js';
import { servingVersion } from '../catalogue/serving-version.js';
import { skillOf } from '../pool/attributes.js';
import { Bucket } from '../pool/bucket.js';
import type { Mode } from '../pool/mode.js';
import { partitionOf } from '../pool/partition.js';
import type { BackfillRequest, Ticket } from '../pool/ticket.js';
import { MatchFeed } from './match-feed.js';
import type { ViewListener } from './match-view.js';
import { RecentWaits } from './recent-waits.js';

/** The open tickets that can meet, ready to be matched by whichever server owns them. */
export interface Partition {
  name: string;
  mode: Mode;
  bucket: Bucket;
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
export class Pools implements ViewListener {
  readonly partitions = new Map<string, Partition>();
  /** Tickets whose match is being written; they wait outside their bucket for what the stream says. */
  readonly committing = new Set<string>();
  readonly waits = new RecentWaits();
  private readonly partitionByTicket = new Map<string, Partition>();
  private readonly listeners = new Set<(partition: Partition) => void>();

  constructor(
    private readonly feed: MatchFeed,
    private readonly catalogue: ModeCatalogue,
    private readonly releases: ReleaseService,
  ) {
    feed.listen(this);
    catalogue.onChange((mode) => this.rebuild((ticket) => ticket.mode === mode));
    releases.onChange(() => this.rebuild(() => true));
  }

  /** Calls `listener` with a partition in which a ticket came. */
  onArrival(listener: (partition: Partition) => void): void {
    this.listeners.add(listener);
  }

  partitionOfTicket(ticketId: string): Partition | undefined {
    return this.partitionByTicket.get(ticketId);
  }

  ticketChanged(ticket: TicketRecord, storedAt: number): void {
    const isOurs = this.serves(queueOf(ticket));
    if (ticket.state === 'open' && isOurs) return this.add(ticket);
    this.remove(ticket.ticketId);
    if (ticket.state !== 'matched' || !isOurs) return;
    const mode = this.catalogue.find(ticket.mode);
    if (mode) this.waits.add(nameOf(mode, ticket.attributes), storedAt, storedAt - ticket.since);
  }

  backfillChanged(record: BackfillRecord): void {
    const partition = this.partitionOfBackfill(record);
    if (!partition || this.committing.has(record.matchId)) return;
    const { bucket } = partition;
    if (record.state !== 'open' || record.until < Date.now())
      return void bucket.removeBackfill(record.matchId);
    bucket.addBackfill(requestOf(record));
    for (const listener of this.listeners) listener(partition);
  }

  matchChanged(): void {}

  fenceChanged(): void {}

  reset(): void {
    this.partitions.clear();
    this.partitionByTicket.clear();
    this.committing.clear();
  }

  /** Puts tickets and running matches back whose match was not written, unless the stream has closed them meanwhile. */
  release(ids: Iterable<string>): void {
    const { openTickets, backfills } = this.feed.view;
    for (const id of ids) {
      this.committing.delete(id);
      const ticket = openTickets.get(id);
      if (ticket?.state === 'open') this.add(ticket);
      const backfill = backfills.get(id);
      if (backfill) this.backfillChanged(backfill.record);
    }
  }

  /** Forgets the partitions in which nobody waits any more, and what running matches asked for too long ago. */
  tidy(now: number): void {
    for (const { record } of this.feed.view.backfills.values())
      if (record.until < now) this.partitionOfBackfill(record)?.bucket.removeBackfill(record.matchId);
    for (const partition of this.partitions.values()) {
      if (partition.bucket.size + partition.bucket.backfills > 0) partition.emptySince = undefined;
      else if (now - (partition.emptySince ??= now) > forgottenAfterMs) {
        this.partitions.delete(partition.name);
        this.waits.forget(partition.name);
      }
    }
  }

  /** Whether this version's servers are to match the tickets of a version now. */
  serves(version: string): boolean {
    return servingVersion(this.releases.current(), version) === Config.VERSION;
  }

  /** Whether a mode of this version may match a ticket of another version. */
  takes({ version, versionGroup }: TicketRecord, mode: Mode): boolean {
    return version === Config.VERSION || versionGroup === mode.versionGroup;
  }

  private add(record: TicketRecord): void {
    if (this.committing.has(record.ticketId) || !this.serves(queueOf(record))) return;
    const mode = this.catalogue.find(record.mode);
    if (!mode || !this.takes(record, mode)) return;
    const partition = this.partitionFor(mode, record.attributes);
    if (partition.bucket.get(record.ticketId)) return;
    this.partitionByTicket.set(record.ticketId, partition);
    partition.bucket.add(poolTicket(mode, record));
    for (const listener of this.listeners) listener(partition);
  }

  private partitionFor(mode: Mode, attributes: Attributes): Partition {
    const name = nameOf(mode, attributes);
    const partition = this.partitions.get(name) ?? { name, mode, bucket: new Bucket(mode) };
    this.partitions.set(name, partition);
    return partition;
  }

  private partitionOfBackfill({ mode: name, version, hardKeys }: BackfillRecord): Partition | undefined {
    const mode = this.catalogue.find(name);
    return mode?.backfill && this.serves(version) ? this.partitionFor(mode, hardKeys) : undefined;
  }

  private remove(ticketId: string): void {
    this.committing.delete(ticketId);
    this.partitionByTicket.get(ticketId)?.bucket.remove(ticketId);
    this.partitionByTicket.delete(ticketId);
  }

  /** A mode or the release table changed: the tickets concerned may belong elsewhere now. */
  private rebuild(isConcerned: (ticket: TicketRecord) => boolean): void {
    const tickets = [...this.feed.view.openTickets.values()].filter(isConcerned);
    const isCommitting = new Set(this.committing);
    for (const { ticketId } of tickets) this.remove(ticketId);
    for (const ticketId of isCommitting) this.committing.add(ticketId);
    for (const [name, { bucket, mode }] of this.partitions) {
      if (bucket.size === 0 && this.catalogue.find(mode.name) !== mode) this.partitions.delete(name);
    }
    for (const ticket of tickets) if (ticket.state === 'open') this.add(ticket);
    const { backfills } = this.feed.view;
    for (const { bucket } of this.partitions.values())
      for (const matchId of backfills.keys()) bucket.removeBackfill(matchId);
    for (const { record } of backfills.values()) this.backfillChanged(record);
  }
}

const nameOf = (mode: Mode, attributes: Attributes): string =>
  partitionOf(mode, { version: Config.VERSION, attributes });

function requestOf({ matchId, skill, since, places, lacks, region }: BackfillRecord): BackfillRequest {
  const request: BackfillRequest = { backfillId: matchId, matchId, skill, since, places };
  if (lacks) request.lacks = lacks;
  if (region !== undefined) request.region = region;
  return request;
}

function poolTicket(mode: Mode, record: TicketRecord): Ticket {
  const { ticketId, players, since, roles, latencyMs, attributes } = record;
  const ticket: Ticket = { ticketId, players, since, skill: skillOf(mode, attributes) };
  if (roles) ticket.roles = roles;
  if (latencyMs) ticket.latencyMs = latencyMs;
  return ticket;
}
