import { Logger } from '@nestjs/common';

/** The connections of a server to PostgreSQL. */
export interface Database {
  /** @throws an error with PostgreSQL's SQLSTATE as `code`, or with none where there was no answer in time */
  query<R extends object>(text: string, values: readonly unknown[]): Promise<R[]>;
  /** Several statements in one transaction. */
  run(text: string): Promise<void>;
  disconnect(): Promise<void>;
}

/** As long as an answer of JetStream is waited for, ms. */
const queryTimeoutMs = 2_000;

/** Connects to nothing yet. @throws Error where the package `pg` is missing */
export async function openDatabase(connectionString: string, connections: number): Promise<Database> {
  const { Pool } = await import('pg').catch((cause: unknown) => {
    throw new Error('postgresStore needs the package pg: npm install pg', { cause });
  });
  const pool = new Pool({
    connectionString,
    max: connections,
    query_timeout: queryTimeoutMs,
    connectionTimeoutMillis: queryTimeoutMs,
    keepAlive: true,
    application_name: 'ccgame-entities',
  });
  const log = new Logger('entities');
  // One that nobody uses broke: the next query has another.
  pool.on('error', (error) => log.warn({ event: 'entity.postgres-connection-lost', reason: error.message }));
  return {
    query: async <R extends object>(text: string, values: readonly unknown[]) =>
      (await pool.query<R>(text, [...values])).rows,
    run: async (text) => void (await pool.query(text)),
    disconnect: () => pool.end(),
  };
}
