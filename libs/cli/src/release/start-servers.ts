import { awaitReady } from './await-servers.js';
import { assertBuilds } from './builds.js';
import type { ReleaseSession } from './session.js';
import type { DeployOptions } from './targets/target.js';
import { tellingInterrupted } from './telling-interrupted.js';

/** How a version's servers are started and waited for. */
export interface StartOptions extends DeployOptions {
  /** For how long a server may have a problem before it is given up, seconds. */
  patience: number;
}

/**
 * Starts what is lacking of a version, and resolves when all is ready and runs the code that was asked for. Ctrl-C ends the
 * look alone.
 *
 * @param onInterrupt what the person is told then: the servers start on
 * @throws StartFailed with the servers' own reasons
 */
export async function startServers(
  { target, nats, operator, store, channel }: ReleaseSession,
  version: string,
  { patience, ...options }: StartOptions,
  onInterrupt: string,
): Promise<void> {
  await tellingInterrupted(onInterrupt, async () => {
    await target.start(version, options, (await store.readTable(channel))?.table);
    const types = target.serverTypes.filter((type) => options.only?.includes(type) ?? true);
    await awaitReady(target, { version, types, patienceMs: patience * 1000 });
    const { instances } = await target.servers();
    const pods = instances.flatMap(({ serverId, podUid, ...one }) =>
      podUid !== undefined && one.version === version && one.isReady && one.state !== 'leaving'
        ? [{ name: serverId, uid: podUid }]
        : [],
    );
    if (pods.length === 0) return;
    await operator.unbroken(() => assertBuilds(nats, pods, { version, commit: options.commit }));
  });
}
