import { Logger } from '@nestjs/common';
import { errorText } from '@ccgame/config';
import { StorageProblem } from '@ccgame/jetstream';
import { NotTaken } from '@ccgame/ownership';
import type { Pool } from 'pg';

/** The connections of a server to PostgreSQL. */
export interface Database {
  /**
   * @throws an error with PostgreSQL's SQLSTATE as `code`, or with none where there was no answer in time; NotTaken where it was never sent,
   * as no connection was free or could be made
   */
  query<R extends object>(text: string, values: readonly unknown[]): Promise<R[]>;
  /** Several statements in one transaction. */
  run(text: string): Promise<void>;
  /** The last error of the last seconds that says that it is away or full, or takes no writes as it was set up. */
  recentFault(): Error | undefined;
  disconnect(): Promise<void>;
}

/** As long as an answer of JetStream is waited for, ms. */
const queryTimeoutMs = 2_000;
/** Partitions that could not be written are tried again sooner. */
const recentMs = 3_000;

/** Connects to nothing yet. @throws Error where the package `pg` is missing; StorageProblem for an address that can't be read, or a file that it names */
export async function openDatabase(connectionString: string, connections: number): Promise<Database> {
  const { Client, Pool } = await import('pg').catch((cause: unknown) => {
    throw new Error('postgresStore needs the package pg: npm install pg', { cause });
  });
  // The pool reads it at each connection, and what can't be read would pass for a database that is away.
  try {
    void new Client({ connectionString });
  } catch (error) {
    // Without the cause, which has the password.
    throw new StorageProblem(
      `PostgreSQL can't keep entities (${errorText(error)}): mend its address.`,
      'PostgreSQL',
    );
  }
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
  let fault: { error: Error; at: number } | undefined;
  return {
    query: async <R extends object>(text: string, values: readonly unknown[]) => {
      try {
        return await queryOnce<R>(pool, text, values);
      } catch (error) {
        if (isFault(error)) fault = { error: error as Error, at: performance.now() };
        throw error;
      }
    },
    run: async (text) => void (await pool.query(text)),
    recentFault: () => (fault && performance.now() - fault.at < recentMs ? fault.error : undefined),
    disconnect: () => pool.end(),
  };
}

/** As `pool.query`, which doesn't tell whether the query was sent. */
async function queryOnce<R extends object>(
  pool: Pool,
  text: string,
  values: readonly unknown[],
): Promise<R[]> {
  const client = await pool.connect().catch((cause: unknown) => {
    throw new NotTaken(`No connection to PostgreSQL: ${errorText(cause)}`, { cause });
  });
  // One that breaks tells the query, too.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  try {
    const { rows } = await client.query<R>(text, [...values]);
    client.off('error', ignore);
    client.release();
    return rows;
  } catch (error) {
    client.off('error', ignore);
    client.release(error as Error);
    throw error;
  }
}

/** A table, the function or their schema isn't there. */
export function isMissing(error: unknown): boolean {
  return ['42P01', '42883', '3F000'].includes(stateOf(error));
}

/**
 * Not of what is written: it is away; or the user may not (28, 42501), something isn't there (3D, 3F, 42), or its encoding is another one than
 * UTF-8 (22P05), which an operator has to mend.
 */
function isFault(error: unknown): boolean {
  return isAway(error) || /^(22P05|28|3D|3F|42)/.test(stateOf(error));
}

/**
 * Not "there yet", by its SQLSTATE: it starts, stops, takes no writes (25006), has too many connections or no space, can't read its disk;
 * or no state, as nobody answered.
 */
export function isAway(error: unknown): boolean {
  const state = stateOf(error);
  return state === '' || /^(08|25006|53|57|58)/.test(state);
}

/** PostgreSQL's SQLSTATE; empty where it said none. */
function stateOf(error: unknown): string {
  const { code = '' } = (error instanceof NotTaken ? error.cause : error) as { code?: string };
  return /^[0-9A-Z]{5}$/.test(code) ? code : '';
}
