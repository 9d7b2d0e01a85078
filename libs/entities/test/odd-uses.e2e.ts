import { BoundPlayer } from './bound-player.js';
import { type Host, HostCluster, until } from './host-cluster.js';
import { Odd, nameHost, odd, raiseLeft, raiseRight, shout } from './odd-room.js';

const version = '1.0.0000';

describe('a room as nobody thought that one is written', () => {
  let cluster: HostCluster;
  let caller: Host;

  beforeAll(async () => {
    cluster = await HostCluster.start(version);
    await cluster.addHost(version, [Odd]);
    caller = await cluster.addHost(version, []);
  }, 30_000);
  afterAll(() => cluster.stop());

  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
  /** A machine with other work may make ticks late, for which new rooms are refused for a while. */
  const make = async (id: string, init = {}): Promise<unknown> => {
    let code: unknown;
    await until(async () => (code = await codeOf(caller.client.create(odd, id, init))) !== 'BUSY');
    return code;
  };

  it('is called by a method of any name, and by one method for two handlers', async () => {
    await make('named');
    expect(await caller.client.call(nameHost, 'named', undefined)).toBe('nobody');
    expect(await caller.client.call(raiseLeft, 'named', undefined)).toBe(1);
    expect(await caller.client.call(raiseRight, 'named', undefined)).toBe(2);
  });

  it('is not made where its first state is larger than is stored, and the id is free', async () => {
    expect(await make('large', { bytes: 300 * 1024 })).toBe('STATE_TOO_LARGE');
    expect(await codeOf(caller.client.join(odd, 'large', 'ann'))).toBe('NO_ENTITY');
    expect(await make('large')).toBe('done');
    expect(await codeOf(caller.client.join(odd, 'large', 'ann'))).toBe('done');
  });

  it('has ended where it ends itself in create, and the id is free', async () => {
    expect(await make('ended', { ends: true })).toBe('done');
    expect(await codeOf(caller.client.call(nameHost, 'ended', undefined))).toBe('NO_ENTITY');
    expect(await make('ended')).toBe('done');
  });

  it('leaves its player in the room of before where it ends itself in join', async () => {
    const player = new BoundPlayer('ann', [shout], caller.app);
    for (const id of ['home', 'over']) await make(id);
    await caller.client.join(odd, 'home', 'ann');
    expect(await player.ask('local.shout', {})).toBe('home');
    await caller.client.join(odd, 'over', 'ann');
    expect(await codeOf(caller.client.call(nameHost, 'over', undefined))).toBe('NO_ENTITY');
    expect(await player.ask('local.shout', {})).toBe('home');
    player.close();
  });
});
