import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { jetstream, jetstreamManager, type StoredMsg } from '@nats-io/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { type EntityClass, markOf } from '../src/contract/decorators.js';
import type { EntityRequest } from '../src/inputs/entity-request.js';
import type { Checkpoint } from '../src/live/records.js';
import { EntityPartition, type PartitionContext } from '../src/partition/entity-partition.js';
import { FlushRounds } from '../src/storage/flush-rounds.js';
import { MoveSlots } from '../src/partition/move-slots.js';
import { RoomLoad } from '../src/rooms/room-load.js';
import type { EntityStore } from '../src/storage/entity-store.js';
import { entityStreamName } from '../src/storage/jetstream/entity-stream.js';
import { jetStreamStore } from '../src/storage/jetstream/jetstream-store.js';
import { PartitionSubjects } from '../src/storage/partition-subjects.js';
import { acquirePartition } from './acquire-partition.js';

const serverType = 'play';

/** The owner of a partition, as a server is: `version` and `classes` are its code's. */
export interface OwnerChoice extends Partial<Omit<PartitionContext, 'kinds'>> {
  classes: EntityClass[];
  /** The key of the partition: `p0`. */
  key: string;
  version?: string;
}

/** Owners of partitions in a NATS of their own, one after the other, without a server around them. */
export class PartitionOwners {
  /** Stored calls that left, as `<from> #<number>`. */
  calls: string[] = [];
  /** Reliable pushes that were stored, as `<route> to <players>`. */
  pushes: string[] = [];
  /** The error by which the push log refuses all pushes. */
  refusal?: Error;
  private readonly open: EntityPartition[] = [];
  private owned = 0;

  private constructor(
    private readonly nats: NatsServer,
    private readonly connection: NatsConnection,
    private readonly store: EntityStore,
  ) {}

  static async start(): Promise<PartitionOwners> {
    const nats = await startNats();
    const connection = await connect({ servers: nats.address });
    const store = jetStreamStore()({ nats: connection, health: new NatsHealth(connection), serverType });
    await store.open();
    return new PartitionOwners(nats, connection, store);
  }

  async stop(): Promise<void> {
    for (const one of this.open) one.close();
    await this.store.close();
    await this.connection.close();
    await this.nats.destroy();
  }

  /** A new owner of the partition. The one before it is as good as killed where its `close` was called. */
  async own({ classes, key, version = '1.0.0000', ...context }: OwnerChoice): Promise<EntityPartition> {
    const subjects = new PartitionSubjects(serverType, version, key);
    const name = `server-${(this.owned += 1)}`;
    const store = this.store.partition(subjects, { serverId: name, incarnation: name });
    await store.readHolder();
    const kinds = new Map(
      classes.map((one) => {
        const mark = markOf(one);
        return [mark.contract.name, { mark, construct: () => Promise.resolve(new one()) }];
      }),
    );
    const partition = new EntityPartition(subjects.name, store, {
      ...this.calm,
      version,
      kinds,
      ...context,
    });
    this.open.push(partition);
    await acquirePartition(partition.fenced);
    await partition.untilAnswering();
    return partition;
  }

  /** An entity's record runs out. */
  async expireState(key: string, entity: string, isRoom: boolean): Promise<void> {
    const manager = await jetstreamManager(this.connection);
    const subject = new PartitionSubjects(serverType, '1.0.0000', key).state(entity, isRoom);
    await manager.streams.purge(entityStreamName(serverType), { filter: subject });
  }

  /** Somebody writes over an entity's record, as only an operator may. */
  async overwriteState(key: string, entity: string, isRoom: boolean, body: string): Promise<void> {
    const subject = new PartitionSubjects(serverType, '1.0.0000', key).state(entity, isRoom);
    // The last write of an owner who is as good as killed may be on its way.
    await untilHolds(async () => {
      const lastSubjectSequence = (await this.recordOf(key, entity, isRoom))?.seq ?? 0;
      const written = jetstream(this.connection).publish(subject, body, { expect: { lastSubjectSequence } });
      return written.then(
        () => true,
        () => false,
      );
    });
  }

  /** An entity's record as it stands. */
  async textOfState(key: string, entity: string, isRoom: boolean): Promise<string | undefined> {
    return (await this.recordOf(key, entity, isRoom))?.string();
  }

  /** How long an entity's record is kept, as `50s`; empty: for ever; undefined: there is none. */
  async lifeOfState(key: string, entity: string, isRoom: boolean): Promise<string | undefined> {
    return (await this.recordOf(key, entity, isRoom))?.header.get('Nats-TTL');
  }

  async checkpointOf(key: string, entity: string, isRoom: boolean): Promise<Checkpoint | undefined> {
    return (await this.recordOf(key, entity, isRoom))?.json();
  }

  private async recordOf(key: string, entity: string, isRoom: boolean): Promise<StoredMsg | undefined> {
    const manager = await jetstreamManager(this.connection);
    const subject = new PartitionSubjects(serverType, '1.0.0000', key).state(entity, isRoom);
    const stream = entityStreamName(serverType);
    return (await manager.streams.getMessage(stream, { last_by_subj: subject })) ?? undefined;
  }

  /** A world in which nothing happens. */
  private get calm(): Omit<PartitionContext, 'version' | 'kinds'> {
    const nothing = (): Promise<void> => Promise.resolve();
    const unasked = (): Promise<never> => Promise.reject(new Error('No other version is there'));
    const tables = {};
    return {
      now: () => Date.now(),
      versions: { tryTaking: unasked, take: unasked },
      calls: {
        deliverCall: ({ number }, { from }) => {
          this.calls.push(`${from} #${number}`);
          return nothing();
        },
        settleCall: nothing,
      },
      sessions: { watchSession: () => () => undefined },
      bindings: { bind: nothing, unbind: nothing, renew: nothing },
      hangs: { read: nothing, hangsOf: () => [] },
      isRetired: () => false,
      heir: () => undefined,
      releaseTable: () => tables,
      load: new RoomLoad(),
      moveSlots: new MoveSlots(),
      rounds: new FlushRounds(),
      recordings: { beginRecording: () => undefined, endRecording: nothing } as never,
      pushes: {
        toPlayers: (to: Iterable<string>, route: string) => {
          if (this.refusal) return Promise.reject(this.refusal);
          this.pushes.push(`${route} to ${[...to].join()}`);
          return nothing();
        },
        topics: {} as never,
      } as never,
      openDoor: nothing,
      closeDoor: nothing,
    };
  }
}

/** A call of another server to an entity; a stored one by default. */
export function callOf(
  entity: string,
  id: string,
  method: string,
  payload?: unknown,
  more: Partial<EntityRequest> = {},
): EntityRequest {
  return { entity, id, method, payload, input: 'stored', asked: 'by-server', ...more };
}
