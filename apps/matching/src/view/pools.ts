import { Injectable } from '@nestjs/common';
import { Config } from '#config';
import type { TicketRecord } from '#contracts';
import { ReleaseService } from '#releases';
import { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import { servingVersion } from '../catalogue/serving-version.js';
import { skillOf } from '../pool/attributes.js';
import { Bucket } from '../pool/bucket.js';
import type { Mode } from '../pool/mode.js';
import { partitionOf } from '../pool/partition.js';
import type { Ticket } from '../pool/ticket.js';
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
    if (ticket.state === 'open') return this.add(ticket);
    this.remove(ticket.ticketId);
    if (ticket.state !== 'matched' || !this.serves(ticket.version)) return;
    const mode = this.catalogue.find(ticket.mode);
    if (mode) this.waits.add(nameOf(mode, ticket), storedAt, storedAt - ticket.since);
  }

  matchChanged(): void {}

  fenceChanged(): void {}

  reset(): void {
    this.partitions.clear();
    this.partitionByTicket.clear();
    this.committing.clear();
  }

  /** Puts tickets back whose match was not written, unless the stream has closed them meanwhile. */
  release(ticketIds: Iterable<string>): void {
    for (const ticketId of ticketIds) {
      this.committing.delete(ticketId);
      const ticket = this.feed.view.openTickets.get(ticketId);
      if (ticket?.state === 'open') this.add(ticket);
    }
  }

  /** Forgets the partitions in which nobody waits any more. */
  tidy(now: number): void {
    for (const partition of this.partitions.values()) {
      if (partition.bucket.size > 0) partition.emptySince = undefined;
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
    if (this.committing.has(record.ticketId) || !this.serves(record.version)) return;
    const mode = this.catalogue.find(record.mode);
    if (!mode || !this.takes(record, mode)) return;
    const name = nameOf(mode, record);
    const partition = this.partitions.get(name) ?? { name, mode, bucket: new Bucket(mode) };
    this.partitions.set(name, partition);
    if (partition.bucket.get(record.ticketId)) return;
    this.partitionByTicket.set(record.ticketId, partition);
    partition.bucket.add(poolTicket(mode, record));
    for (const listener of this.listeners) listener(partition);
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
  }
}

const nameOf = (mode: Mode, { attributes }: TicketRecord): string =>
  partitionOf(mode, { version: Config.VERSION, attributes });

function poolTicket(mode: Mode, record: TicketRecord): Ticket {
  const { ticketId, players, since, roles, latencyMs, attributes } = record;
  const ticket: Ticket = { ticketId, players, since, skill: skillOf(mode, attributes) };
  if (roles) ticket.roles = roles;
  if (latencyMs) ticket.latencyMs = latencyMs;
  return ticket;
}
