import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { AckedPublisher, DirectReader, type ExpectingMessage } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { FencedPartition, type FenceStore } from '../src/fenced-partition.js';
import { Membership } from '../src/membership.js';
import { type FenceHolder, type OwnablePartition, OwnershipRegistry } from '../src/ownership-registry.js';
import { tellingConflicts } from '../src/write-conflict.js';

export const partitionNames = ['a', 'b', 'c', 'd', 'e', 'f'];
const stream = 'OWNED';

/** Counts in a partition: each message says the next number, and the owner's name. */
export class CountingPartition implements OwnablePartition, FenceStore {
  readonly fenced: FencedPartition;
  /** It answers so long after it was acquired, ms. */
  answersAfterMs = 0;
  isAnswering = false;
  private fence = 0;
  private isReleasing = false;
  private dataSequence = 0;

  constructor(
    readonly name: string,
    private readonly serverId: string,
    private readonly incarnation: string,
    private readonly publisher: AckedPublisher,
    private readonly reader: DirectReader,
  ) {
    this.fenced = new FencedPartition(name, this, {
      onOwned: () => undefined,
      onLost: () => undefined,
    });
  }

  async write(messages: readonly ExpectingMessage[]): Promise<number> {
    return (await tellingConflicts(this.publisher.publishAll(messages))).seq;
  }

  fenceMessage(_name: string, expected: number): ExpectingMessage {
    const { serverId, incarnation, isReleasing } = this;
    const holder: FenceHolder = { serverId, incarnation, isReleased: isReleasing };
    return { subject: `owned.fence.${this.name}`, payload: JSON.stringify(holder), expected };
  }

  fenceOf(): number {
    return this.fence;
  }

  async reachedWithin(): Promise<boolean> {
    await this.readHolder();
    this.dataSequence = (await this.reader.readRecord(stream, `owned.data.${this.name}`)).seq;
    return true;
  }

  async readHolder(): Promise<FenceHolder | undefined> {
    const { record, seq } = await this.reader.readRecord(stream, `owned.fence.${this.name}`);
    this.fence = seq;
    return record?.json<FenceHolder>();
  }

  /** @throws PartitionLost */
  async storeWord(word: string): Promise<void> {
    const message = { subject: `owned.data.${this.name}`, payload: word, expected: this.dataSequence };
    this.dataSequence = (await this.fenced.commit([message])) + 1;
  }

  async untilAnswering(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.answersAfterMs));
    this.isAnswering = true;
  }

  async handOver(): Promise<void> {
    this.isAnswering = false;
    await this.storeWord(`last word of ${this.serverId}`).catch(() => undefined);
    this.isReleasing = true;
    await this.fenced.commit([]).catch(() => undefined);
    await this.fenced.release();
    this.isReleasing = false;
  }
}

/** A server that shares partitions, inside of the test's process, with a connection of its own. */
export class PartitionServer {
  private constructor(
    readonly connection: NatsConnection,
    readonly registry: OwnershipRegistry,
    readonly partitions: CountingPartition[],
    private readonly reader: DirectReader,
  ) {}

  static async start(serverId: string, address: string): Promise<PartitionServer> {
    const connection = await connect({ servers: address, reconnect: false });
    const health = new NatsHealth(connection);
    const manager = await jetstreamManager(connection);
    const subjects = ['owned.>'];
    await manager.streams.add({
      name: stream,
      subjects,
      max_msgs_per_subject: 1,
      allow_direct: true,
      allow_atomic: true,
    });
    const membership = new Membership({ nats: connection, health, serverId, subject: 'owned-beacon' });
    const publisher = new AckedPublisher(connection, health);
    const reader = new DirectReader(connection, health);
    const partitions = partitionNames.map(
      (name) => new CountingPartition(name, serverId, membership.incarnation, publisher, reader),
    );
    const registry = new OwnershipRegistry({ serverId, membership, health, partitions });
    await registry.start();
    return new PartitionServer(connection, registry, partitions, reader);
  }

  async untilOwned(count: number): Promise<string[]> {
    while (this.registry.owned().length !== count) await new Promise((resolve) => setTimeout(resolve, 5));
    return this.registry.owned();
  }

  async lastWord(name: string): Promise<string | undefined> {
    return (await this.reader.readRecord(stream, `owned.data.${name}`)).record?.text();
  }

  /** As a killed process is gone: without a word. */
  async vanish(): Promise<void> {
    this.registry.stop();
    await this.connection.close();
  }
}
