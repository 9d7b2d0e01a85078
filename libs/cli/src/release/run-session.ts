import type { NatsConnection } from '@nats-io/nats-core';
import type { ChangeNote, StoredRelease, TableChange } from '@ccgame/releases';
import { environment } from '../environment.js';
import type { Place } from './choose-target.js';
import { followChange } from './follow-newest.js';
import type { GlobalOptions } from './global-options.js';
import { openStore } from './open-store.js';
import { OperatorRpc } from './operator-rpc.js';
import { refuseUnknownServers } from './refuse-unknown-servers.js';
import { printNote } from './print-note.js';
import { assertSameCluster } from './same-cluster.js';
import type { ReleaseSession } from './session.js';
import { KubectlFailed } from './targets/kubectl.js';
import { unseen } from './targets/unseen.js';

/**
 * Makes sure that the place is the one that is meant, and runs the work there. Work that only `reads` sees the servers that answer over NATS
 * where the cluster does not answer.
 *
 * @throws NatsProblem, TableError and whatever the work throws
 */
export async function runSession<T>(
  nats: NatsConnection,
  { target, channel }: Place,
  options: GlobalOptions,
  work: (session: ReleaseSession) => Promise<T>,
  does: 'changes' | 'reads' = 'changes',
): Promise<T> {
  const operator = new OperatorRpc(nats);
  try {
    const store = await openStore(nats);
    const note = (action: string): ChangeNote => ({ action, who: environment.operator, why: options.why });
    const change = async (action: string, tableChange: TableChange): Promise<StoredRelease> => {
      const stored = await store.changeTable(channel, tableChange, note(action));
      await followChange({ store, target, channel }, stored);
      return stored;
    };
    const without = options.without ?? [];
    const session = { nats, operator, store, target, channel, without, change, note };
    const seen = await assertSameCluster(session).then(
      () => session,
      (error: Error) => {
        if (does === 'changes' || !(error instanceof KubectlFailed)) throw error;
        printNote(`${error.message}\nOnly the servers that answer are known.`);
        return { ...session, target: unseen(target, nats) };
      },
    );
    await refuseUnknownServers(seen);
    return await work(seen);
  } finally {
    operator.close();
  }
}
