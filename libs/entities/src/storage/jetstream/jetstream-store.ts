import { AckedPublisher, DirectReader, ensureAlways } from '@ccgame/jetstream';
import type { FenceHolder } from '@ccgame/ownership';
import type { EntityStore, EntityStoreContext, EntityStoreFactory, PartitionStore } from '../entity-store.js';
import type { PartitionSubjects } from '../partition-subjects.js';
import { entityStreamName, openEntityStream } from './entity-stream.js';
import { JetStreamPartition } from './jetstream-partition.js';

/** Entities in the stream `ENTITIES_<TYPE>`. */
export function jetStreamStore(): EntityStoreFactory {
  return (context) => new JetStreamStore(context);
}

class JetStreamStore implements EntityStore {
  readonly clockStream: string;
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private endEnsuring?: () => void;

  constructor(private readonly context: EntityStoreContext) {
    const { nats, health, serverType } = context;
    this.clockStream = entityStreamName(serverType);
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
  }

  async open(): Promise<void> {
    const { nats, health, serverType } = this.context;
    this.endEnsuring = await ensureAlways(health, () => openEntityStream(nats, serverType), {
      name: this.clockStream,
      probe: () => `entity.${serverType}.$probe`,
    });
  }

  partition(subjects: PartitionSubjects, identity: Omit<FenceHolder, 'isReleased'>): PartitionStore {
    return new JetStreamPartition(this.clockStream, subjects, this.publisher, this.reader, identity);
  }

  close(): Promise<void> {
    this.endEnsuring?.();
    this.publisher.close();
    this.reader.close();
    return Promise.resolve();
  }
}
