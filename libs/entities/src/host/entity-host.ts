import { join } from 'node:path';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { NatsConnection } from '@nats-io/nats-core';
import { DirectReader, NatsClock } from '@ccgame/jetstream';
import { coalesceWrites, NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { Membership, OwnershipRegistry, ServerCount } from '@ccgame/ownership';
import { ReleaseService } from '@ccgame/releases';
import { invalid, RPC_OPTIONS, type ResolvedRpcOptions, RpcServer, RpcService } from '@ccgame/rpc';
import { collectAtScrape, Drain, WorkLeft } from '@ccgame/server';
import { Bindings, PushService, SessionWatch } from '@ccgame/sessions';
import { type EntityMark, markOf } from '../contract/decorators.js';
import { partitionKey } from '../contract/entity-contract.js';
import { HangMarks } from '../hangs/hang-marks.js';
import { metrics } from '../metrics.js';
import { EntityPartition } from '../partition/entity-partition.js';
import { MoveSlots } from '../partition/move-slots.js';
import type { EntityKind, HeldEntity } from '../memory/held-entity.js';
import type { EntityRequest } from '../inputs/entity-request.js';
import { Recordings } from '../recording/recordings.js';
import { RoomLoad } from '../rooms/room-load.js';
import { FlushRounds } from '../storage/flush-rounds.js';
import { PartitionSubjects } from '../storage/partition-subjects.js';
import { allPartitions, assertPartitions } from '../storage/assert-partitions.js';
import type { EntityStore, PartitionStore } from '../storage/entity-store.js';
import { jetStreamStore } from '../storage/jetstream/jetstream-store.js';
import { entityCalls } from './entity-calls.js';
import { EntityWork } from './entity-work.js';
import type { OfferDto, TrialDto } from './move.contract.js';
import { versionCalls } from './version-calls.js';
import { ENTITIES_OPTIONS, type EntitiesOptions } from './entities-options.js';

/** Counters whose first rise is an alarm. */
const alarming = [metrics.hung, metrics.stopped, metrics.divergences, metrics.failedMoves];

/** This server's part of its type's entities. */
@Injectable()
export class EntityHost implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly marks: EntityMark[];
  private readonly store: EntityStore;
  private readonly sessions: SessionWatch;
  private readonly load = new RoomLoad();
  private readonly moveSlots = new MoveSlots();
  private readonly rounds = new FlushRounds();
  private readonly membership: Membership;
  private readonly servers: ServerCount;
  private readonly recordings: Recordings;
  private readonly reader: DirectReader;
  private readonly hangs: HangMarks;
  private readonly partitions: Map<string, EntityPartition>;
  private readonly registry: OwnershipRegistry;
  private unwatch?: () => void;

  constructor(
    @Inject(NATS_CONNECTION) nats: NatsConnection,
    private readonly health: NatsHealth,
    @Inject(RPC_OPTIONS) private readonly rpcOptions: ResolvedRpcOptions,
    @Inject(ENTITIES_OPTIONS) private readonly options: EntitiesOptions,
    private readonly server: RpcServer,
    private readonly pushes: PushService,
    private readonly clock: NatsClock,
    private readonly modules: ModuleRef,
    private readonly releases: ReleaseService,
    private readonly rpc: RpcService,
    private readonly bindings: Bindings,
    drain: Drain,
    work: WorkLeft,
  ) {
    const { serverId, serverType } = rpcOptions.identity;
    this.marks = options.entities.map((one) => markOf(one));
    coalesceWrites(nats, true);
    const { store = jetStreamStore() } = options;
    this.store = store({ nats, health, serverType });
    this.sessions = new SessionWatch(nats, health);
    this.membership = new Membership({ nats, health, serverId, subject: this.beaconSubject() });
    this.servers = new ServerCount({ nats, health, serverId, subject: `entity-beacon.${serverType}.*` });
    this.recordings = new Recordings(options.recordings ?? join('.ccgame', 'recordings'), serverId);
    this.reader = new DirectReader(nats, health);
    this.hangs = new HangMarks(this.reader, rpcOptions.identity, () => clock.now());
    this.partitions = this.makePartitions();
    const partitions = [...this.partitions.values()];
    this.registry = new OwnershipRegistry({ serverId, membership: this.membership, health, partitions });
    drain.addStep('entities', (deadline) => this.registry.handOverAll(deadline));
    const versions = versionCalls(rpc, serverType, partitionKey(0));
    work.addSource(new EntityWork({ kinds: this.kinds(), partitions, versions }));
  }

  async onModuleInit(): Promise<void> {
    await this.store.open();
    await assertPartitions(this.storeOf(allPartitions), this.partitions.size);
    if (this.marks.some(({ contract }) => contract.bindsMembers)) await this.bindings.open();
    await this.clock.follow(this.store.clockStream);
  }

  async onApplicationBootstrap(): Promise<void> {
    // To Prometheus, a counter that is first seen at 1 has not risen.
    for (const { contract } of this.marks)
      for (const counter of alarming) counter.inc({ entity: contract.name }, 0);
    collectAtScrape(metrics.partitions, (partitions) => partitions.set(this.owned().length));
    // NATS' storage may be another one by now: a partition that finds that at its next call keeps the caller waiting for seconds.
    this.unwatch = this.health.onChange((connected) => {
      if (connected) for (const partition of this.partitions.values()) partition.confirmOwner();
    });
    await this.registry.start();
  }

  /** Partitions of the server type, whichever server owns them. */
  get partitionCount(): number {
    return this.partitions.size;
  }

  /** Servers of the type, in all versions; undefined: this one hasn't listened long enough to know. */
  get serverCount(): number | undefined {
    return this.servers.count;
  }

  /** Names of the partitions that this server owns. */
  owned(): string[] {
    return this.registry.owned();
  }

  /** Those in this server's memory. */
  liveEntities(): HeldEntity[] {
    return [...this.partitions.values()].flatMap((partition) => partition.liveEntities());
  }

  /** @param key of the partition @throws RpcError see `OwnedEntities.receive` */
  async receive(key: string, request: EntityRequest): Promise<unknown> {
    return this.partitionOf(key).receive(request);
  }

  /** Goes on with an entity that another version offered. @throws RpcError see `OwnedEntities.take` */
  async take({ partition, entity, seq, state }: OfferDto): Promise<void> {
    await this.partitionOf(partition).take(entity, { seq, state });
  }

  /** @returns by which state version it would be taken @throws RpcError see `OwnedEntities.tryTaking` */
  async tryTaking({ partition, entity, stateVersion }: TrialDto): Promise<number> {
    return this.partitionOf(partition).tryTaking(entity, stateVersion);
  }

  async onApplicationShutdown(): Promise<void> {
    this.unwatch?.();
    this.registry.stop();
    for (const partition of this.partitions.values()) partition.close();
    this.load.stop();
    this.servers.close();
    await this.recordings.close();
    this.sessions.close();
    this.reader.close();
    await this.store.close();
  }

  private partitionOf(key: string): EntityPartition {
    const partition = this.partitions.get(key);
    if (!partition)
      throw invalid([{ field: 'partition', rule: `expected one of ${this.partitions.size}: p0, p1, …` }]);
    return partition;
  }

  private beaconSubject(): string {
    const { serverType, version } = this.rpcOptions.identity;
    return `entity-beacon.${serverType}.${version.replaceAll('.', '_')}`;
  }

  private makePartitions(): Map<string, EntityPartition> {
    const counts = new Set(this.marks.map(({ contract }) => contract.partitions));
    if (counts.size !== 1) {
      throw new Error(
        `The entities of one server type share its partitions: they say ${[...counts].join(' and ')}`,
      );
    }
    const keys = Array.from({ length: [...counts][0] }, (_, index) => partitionKey(index));
    return new Map(keys.map((key) => [key, this.makePartition(key)]));
  }

  private makePartition(key: string): EntityPartition {
    const { serverType, version } = this.rpcOptions.identity;
    const store = this.storeOf(key);
    return new EntityPartition(store.subjects.name, store, {
      version,
      kinds: this.kinds(),
      pushes: this.pushes,
      sessions: this.sessions,
      bindings: this.bindings,
      versions: versionCalls(this.rpc, serverType, key),
      calls: entityCalls(this.rpc),
      hangs: this.hangs,
      isRetired: (other) => this.releases.isRetired(other),
      load: this.load,
      moveSlots: this.moveSlots,
      rounds: this.rounds,
      recordings: this.recordings,
      releaseTable: () => this.releases.currentTable(),
      heir: () => this.releases.heirOf(serverType, version),
      now: () => this.clock.now(),
      openDoor: () => this.server.ownKey(key),
      closeDoor: () => this.server.disownKey(key),
    });
  }

  private storeOf(key: string): PartitionStore {
    const { serverId, serverType, version } = this.rpcOptions.identity;
    const holder = { serverId, incarnation: this.membership.incarnation };
    return this.store.partition(new PartitionSubjects(serverType, version, key), holder);
  }

  private kinds(): Map<string, EntityKind> {
    return new Map(
      this.options.entities.map((entityClass) => {
        const mark = markOf(entityClass);
        return [mark.contract.name, { mark, construct: () => this.modules.create(entityClass) }];
      }),
    );
  }
}
