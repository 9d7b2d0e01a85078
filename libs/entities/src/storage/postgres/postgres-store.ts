import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { FenceHolder } from '@ccgame/ownership';
import { releaseStreams } from '@ccgame/releases';
import type { EntityStore, EntityStoreFactory, PartitionStore } from '../entity-store.js';
import type { PartitionSubjects } from '../partition-subjects.js';
import { type Database, openDatabase } from './database.js';
import { PostgresPartition } from './postgres-partition.js';
import { schema, writeFunction } from './schema.js';

/** The database that holds the entities of a server type. */
export interface PostgresStoreOptions {
  /** `postgres://user:password@host:5432/database?sslmode=verify-full` */
  connectionString: string;
  /** Connections of one server at most: so many partitions are written at a time. Default 4. */
  connections?: number;
}

const againMs = 1_000;

/**
 * Entities in tables of PostgreSQL 12 or newer, for those that live for years. Needs the package `pg`. The server makes the tables
 * where there are none, so its user may create in the schema at the first start, or somebody runs `postgresSchema` before.
 */
export function postgresStore(options: PostgresStoreOptions): EntityStoreFactory {
  return () => new PostgresStore(options);
}

class PostgresStore implements EntityStore {
  readonly clockStream = releaseStreams[0].config.name;
  private readonly log = new Logger('entities');
  private database?: Database;
  private isClosed = false;

  constructor(private readonly options: PostgresStoreOptions) {}

  async open(): Promise<void> {
    const { connectionString, connections = 4 } = this.options;
    this.database = await openDatabase(connectionString, connections);
    while (!this.isClosed) {
      try {
        return await this.ensureSchema(this.database);
      } catch (error) {
        if (!isAway(error)) throw error;
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
    await this.database?.disconnect();
  }

  /** A user who may not create tables need not, where somebody has. */
  private async ensureSchema(database: Database): Promise<void> {
    const found = await database.query<{ oid: string | null }>('select to_regproc($1) as oid', [
      writeFunction,
    ]);
    if (!found[0]?.oid) await database.run(schema);
  }
}

/** Not "there yet", by its SQLSTATE: starts, stops, has too many connections; or no state, as nobody answered. */
function isAway(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return !/^[0-9A-Z]{5}$/.test(code) || /^(08|53|57)/.test(code);
}
