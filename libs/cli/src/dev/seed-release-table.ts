import { connect } from '@nats-io/transport-node';
import { parseNatsAddress } from '@ccgame/config';
import { firstTable, ReleaseStore } from '@ccgame/releases';
import { devChannel } from './dev-file.js';

/** Each start begins with a fresh table: the given versions are live, the first of them stable. */
export async function seedReleaseTable(natsAddress: string, versions: string[]): Promise<void> {
  const { servers, user, pass, token } = parseNatsAddress(natsAddress);
  const nats = await connect({ servers, user, pass, token });
  try {
    const [stable = '', ...others] = versions;
    const store = await ReleaseStore.open(nats);
    const table = firstTable(devChannel, stable, others);
    const note = { who: 'npm start', why: 'a fresh start', action: `init ${versions.join(', ')}` };
    if (await store.readTable(devChannel)) await store.changeTable(devChannel, () => table, note);
    else await store.writeFirstTable(table, note);
  } finally {
    await nats.close();
  }
}
