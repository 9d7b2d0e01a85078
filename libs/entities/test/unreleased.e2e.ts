import { drainVersion, promoteVersion, retireVersion } from '@ccgame/releases';
import { Entity } from '../src/contract/decorators.js';
import { entity } from '../src/contract/entity-contract.js';
import { EntityOf } from '../src/live/entity-of.js';
import { count, Note, note, readCount } from './board-room.js';
import { type Host, HostCluster, until } from './host-cluster.js';

const [v1, v2] = ['1.0.0000', '1.0.0001'];

/** As after a restore of a backup that was made under a version which is retired by now, or where its last server was killed. */
describe('entities of a retired version whose last server stored nothing at its end', () => {
  let cluster: HostCluster;
  let caller: Host;

  beforeAll(async () => {
    cluster = await HostCluster.start(v1, v2);
    const [old] = await Promise.all([cluster.addHost(v1, [Note]), cluster.addHost(v2, [Note])]);
    caller = await cluster.addHost(v2, []);
    for (const id of ['kept', 'other']) await caller.client.call(count, id, undefined, { version: v1 });
    await cluster.cutOff(old);
    await cluster.changeTable(promoteVersion(v2));
    await cluster.changeTable(drainVersion(v1));
    await cluster.changeTable(retireVersion(v1));
  }, 30_000);
  afterAll(() => cluster.stop());

  it('are lost to nobody: they wait for a server of that version, and go on when it has stopped as planned', async () => {
    const ask = (): Promise<number> => caller.client.call(count, 'kept', undefined, { timeoutMs: 2_000 });
    await expect(ask()).rejects.toMatchObject({ code: expect.stringMatching(/NO_SERVER|TIMEOUT|MOVED/) });
    const again = await cluster.addHost(v1, [Note]);
    await cluster.remove(again);
    await until(() =>
      ask().then(
        (value) => value === 2,
        () => false,
      ),
    );
    expect(await caller.client.call(readCount, 'other', undefined)).toBe(1);
    expect(note.partitions).toBe(2);
  });

  it('are not looked for in another number of partitions: such a server does not start, and says why', async () => {
    @Entity(entity({ serverType: 'local', name: 'note', partitions: 4 }), { createOnCall: true })
    class WideNote extends EntityOf {
      create(): object {
        return {};
      }
    }
    await expect(cluster.addHost(v2, [WideNote])).rejects.toThrow(
      'are stored in 2 partitions, and entity({ partitions }) says 4: set it back to 2',
    );
  });
});
