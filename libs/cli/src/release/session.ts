import type { NatsConnection } from '@nats-io/nats-core';
import type { ChangeNote, ReleaseStore, StoredRelease, TableChange } from '@ccgame/releases';
import type { OperatorRpc } from './operator-rpc.js';
import type { ReleaseTarget } from './targets/target.js';

/** The things that a command works with: the table's store and the place where the servers run. */
export interface ReleaseSession {
  nats: NatsConnection;
  operator: OperatorRpc;
  store: ReleaseStore;
  target: ReleaseTarget;
  channel: string;
  without: string[];
  /** Changes the table, tells who and why, and lets the routes follow. */
  change(action: string, change: TableChange): Promise<StoredRelease>;
  note(action: string): ChangeNote;
}
