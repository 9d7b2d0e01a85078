import { Logger } from '@nestjs/common';
import { connect } from '@nats-io/transport-node';
import { parseNatsAddress } from '@ccgame/config';
import { firstTable, ReleaseStore, type ReleaseTable, setFallback } from '@ccgame/releases/store';
import { devChannel } from './dev-file.js';
import type { BuiltVersion } from './prepare-builds.js';

/** Each start begins with a fresh table: the given versions are live, the first of them stable. Gives the table. */
export async function seedReleaseTable(natsAddress: string, versions: BuiltVersion[]): Promise<ReleaseTable> {
  // Libraries log for servers; here a person reads.
  Logger.overrideLogger(['error', 'warn']);
  const { servers, user, pass, token } = parseNatsAddress(natsAddress);
  const nats = await connect({ servers, user, pass, token });
  try {
    const store = await ReleaseStore.open(nats);
    const table = tableOf(versions);
    const names = versions.map(({ version }) => version);
    const note = { who: 'npm start', why: 'a fresh start', action: `init ${names.join(', ')}` };
    if (await store.readTable(devChannel)) await store.changeTable(devChannel, () => table, note);
    else await store.writeFirstTable(table, note);
    return table;
  } finally {
    await nats.close();
  }
}

/** A server type that the code of a version doesn't have is served by the stable version's servers. */
function tableOf([stable, ...others]: BuiltVersion[]): ReleaseTable {
  if (!stable) throw new Error('There is no version to start.');
  const names = others.map(({ version }) => version);
  const lacking = others.flatMap(({ version, build }) =>
    stable.build.serverTypes
      .filter((type) => !build.serverTypes.includes(type))
      .map((type) => setFallback(type, version, stable.version)),
  );
  return lacking.reduce((table, change) => change(table), firstTable(devChannel, stable.version, names));
}
