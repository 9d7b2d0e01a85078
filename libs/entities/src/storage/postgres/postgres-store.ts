import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { errorText } from '@ccgame/config';
import { ensureAlways, StorageProblem } from '@ccgame/jetstream';
import { checkWhole } from '@ccgame/rpc';
import type { FenceHolder } from '@ccgame/ownership';
import { releaseStreams } from '@ccgame/releases';
import type { EntityStore, EntityStoreContext, EntityStoreFactory, PartitionStore } from '../entity-store.js';
import type { PartitionSubjects } from '../partition-subjects.js';
import { type Database, isAway, isMissing, openDatabase } from './database.js';
import { PostgresPartition } from './postgres-partition.js';
import { schema, writeFunction } from './schema.js';

/** The database that holds the entities of a server type. */
export interface PostgresStoreOptions {
  /** `postgres://user:password@host:5432/database?sslmode=verify-full` */
  connectionString: string;
  /** Connections of one server at most: so many partitions are written at a time. 1 to 1,000; default 4. */
  connections?: number;
}

const mostConnections = 1_000;
const againMs = 1_000;
const probeMs = 2_000;
/** As readiness, the log and the metric name it. */
const storageName = 'postgresql-entities';
/**
 * As an entity's write is, by the function, into both tables, and with a character that a database of another encoding can't have. One that takes
 * no writes answers reads all the same: a standby, and one that its provider closes when its disk is full.
 */
const probing = `select ${writeFunction}('$probe', array['$probe'], array['{"probe":"🎲"}'],
  array[null]::bigint[], array[null]::integer[])`;

/**
 * Entities in tables of PostgreSQL 12 or newer, for those that live for years. Needs the package `pg`. The server makes the tables
 * where there are none, so its user may create in the schema at the first start, or somebody runs `postgresSchema` before.
 *
 * @throws RpcError INVALID for `connections`
 */
export function postgresStore(options: PostgresStoreOptions): EntityStoreFactory {
  if (options.connections !== undefined) checkWhole('connections', options.connections, 1, mostConnections);
  return (context) => new PostgresStore(options, context);
}

class PostgresStore implements EntityStore {
  readonly clockStream = releaseStreams[0].config.name;
  private readonly log = new Logger('entities');
  private database?: Database;
  private isClosed = false;
  private endEnsuring?: () => void;

  constructor(
    private readonly options: PostgresStoreOptions,
    private readonly context: Pick<EntityStoreContext, 'health'>,
  ) {}

  async open(): Promise<void> {
    const { connectionString, connections = 4 } = this.options;
    const database = await openDatabase(connectionString, connections);
    this.database = database;
    while (!this.isClosed) {
      try {
        this.endEnsuring = await ensureAlways(this.context.health, () => ensureWritable(database), {
          name: storageName,
          everyMs: probeMs,
        });
        return;
      } catch (error) {
        if (!isAway(error)) throw problemOf(error);
        this.log.warn({ event: 'entity.postgres-away', err: error });
        await sleep(againMs);
      }
    }
  }

  partition(subjects: PartitionSubjects, identity: Omit<FenceHolder, 'isReleased'>): PartitionStore {
    return new PostgresPartition(subjects, identity, () => {
      if (!this.database) throw new Error('The store is not open');
      return this.database;
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.endEnsuring?.();
    await this.database?.disconnect();
  }
}

function problemOf(error: unknown): StorageProblem {
  const remedy = 'mend its address, or what its user may do';
  return new StorageProblem(`PostgreSQL can't keep entities (${errorText(error)}): ${remedy}.`, 'PostgreSQL');
}

/**
 * Makes what isn't there, also under a running server. A user who may not create tables need not, where somebody has. On a full disk a row that
 * is small may find room still.
 *
 * @throws what the small write, or one of the last writes, failed with
 */
async function ensureWritable(database: Database): Promise<void> {
  try {
    await database.run(probing);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await database.run(schema);
    await database.run(probing);
  }
  const fault = database.recentFault();
  if (fault) throw fault;
}
