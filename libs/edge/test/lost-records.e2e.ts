import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { type StartedServer, tokenOf, untilHolds } from '@ccgame/testing';
import { Cluster } from './cluster.js';
import type { Player } from './player.js';
import { PlainClient } from './plain-client.js';

const unknown = { recovered: false, notRecovered: 'unknown-session' };

describe('where the records of all sessions are lost', () => {
  let cluster: Cluster;
  let here: StartedServer;
  let doomed: StartedServer;

  beforeAll(async () => {
    cluster = await Cluster.start(1);
    [here] = cluster.connectors;
  });
  beforeEach(async () => {
    doomed = await cluster.addConnector();
  });
  afterEach(() => cluster.leave());
  afterAll(() => cluster.stop());

  const push = async (playerId: string, ...values: number[]): Promise<void> => {
    for (const value of values) await cluster.push.toPlayer(playerId, 'n', value);
  };

  async function lose(stream: string): Promise<void> {
    const operator = await connect({ servers: cluster.nats.address });
    await (await jetstreamManager(operator)).streams.delete(stream);
    await operator.close();
  }

  /** The player's socket is gone, and nobody can write down that it is: as with the connector, by SIGKILL. */
  async function loseWith(connector: StartedServer): Promise<void> {
    await Promise.all([lose('KV_sessions'), connector.process.kill()]);
  }

  async function come(playerId: string, resume: Player['resume']): Promise<Player> {
    let player: Player | undefined;
    // The connectors are BUSY until the bucket is made again.
    while (!player) player = await cluster.open(here, playerId, resume).catch(() => sleep(50));
    await push(playerId, 9);
    await player.until(() => player.of('n').includes(9));
    return player;
  }

  it('players of a killed connector are told so, and are brought each push that they missed, once and in order', async () => {
    const before = await cluster.open(doomed, 'anna');
    const plain = new PlainClient(doomed.port, { token: tokenOf('paul') });
    await plain.next('connect');
    for (const playerId of ['anna', 'paul']) await push(playerId, 0, 1);
    await before.until(() => before.of('n').length === 2);
    await plain.until(() => plain.of('n').length === 2);
    await loseWith(doomed);
    for (const playerId of ['anna', 'paul']) await push(playerId, 2, 3);
    const { resume } = before;
    const after = await come('anna', resume);
    await plain.reconnectAt(here.port);
    await push('paul', 9);
    await plain.until(() => plain.of('n').includes(9));
    expect(after.opened).toMatchObject({ ...unknown, position: resume.position });
    expect(after.opened?.session).not.toBe(resume.session);
    expect(after.of('n')).toEqual([2, 3, 9]);
    expect(plain.socket.recovered).toBe(false);
    expect(plain.of('n')).toEqual([0, 1, 2, 3, 9]);
    // The welcome may not have come; and the next break is one as ever.
    const again = await come('anna', resume);
    expect(again.opened).toMatchObject({ ...unknown, position: resume.position });
    expect(again.of('n').slice(0, 3)).toEqual([2, 3, 9]);
    again.cut();
    const next = await come('anna', again.resume);
    expect(next.opened).toMatchObject({ recovered: true, session: again.opened?.session });
    plain.cut();
    await plain.reconnectAt(here.port);
    expect(plain.socket.recovered).toBe(true);
    plain.socket.disconnect();
  });

  it('players who stay connected are reached again with everyone within seconds', async () => {
    const player = await cluster.open(here, 'max');
    await lose('KV_sessions');
    const lostAt = performance.now();
    const isReached = async (): Promise<boolean> => {
      await cluster.push.toAll('to', 'all').catch(() => undefined);
      return player.of('to').length > 0;
    };
    await untilHolds(isReached, { timeoutMs: 40_000, everyMs: 100 });
    expect(performance.now() - lostAt).toBeLessThan(15_000);
    expect(player.of('session.opened')).toHaveLength(1);
  });

  it('nobody is brought the pushes of another player', async () => {
    const victim = await cluster.open(doomed, 'vic');
    await loseWith(doomed);
    await push('vic', 1);
    const thief = await come('eve', victim.resume);
    expect(thief.opened).toMatchObject(unknown);
    expect(thief.of('n')).toEqual([9]);
  });

  it('nobody goes on in a push log that was made anew', async () => {
    const before = await cluster.open(doomed, 'ole');
    await push('ole', 1);
    await before.until(() => before.of('n').length === 1);
    await Promise.all([lose('PUSH'), loseWith(doomed)]);
    await push('ole', 2);
    const after = await come('ole', before.resume);
    expect(after.opened).toMatchObject(unknown);
    expect(after.opened?.position).toBeGreaterThan(before.resume.position);
    expect(after.of('n')).toEqual([9]);
  });
});

describe('where the record of a session is there', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start(1);
  });
  afterEach(() => cluster.leave());
  afterAll(() => cluster.stop());

  it('a connector that stops as planned ends its lease, so that no other looks for its sessions', async () => {
    const operator = await connect({ servers: cluster.nats.address });
    const { streams } = await jetstreamManager(operator);
    const leases = async (): Promise<string[]> => {
      const { state } = await streams.info('KV_sessions', { subjects_filter: '$KV.sessions.lease.*' });
      const texts = Object.keys(state.subjects ?? {}).map(async (last_by_subj) =>
        (await streams.getMessage('KV_sessions', { last_by_subj }))?.string(),
      );
      return (await Promise.all(texts)).filter((text): text is string => !!text);
    };
    expect(await leases()).toHaveLength(1);
    const stopping = await cluster.addConnector();
    const player = await cluster.open(stopping, 'zoe');
    expect(await leases()).toContain(JSON.stringify({ serverId: stopping.serverId }));
    player.cut();
    await stopping.process.stop();
    expect(await leases()).toEqual([JSON.stringify({ serverId: cluster.connectors[0].serverId })]);
    await operator.close();
  });

  it('an old tab is brought nothing of what the player had with another login', async () => {
    const [connector] = cluster.connectors;
    const old = await cluster.open(connector, 'ben');
    const other = await cluster.open(connector, 'ben');
    await old.until(() => old.of('session.closed').length === 1);
    await cluster.push.toPlayer('ben', 'n', 1);
    await other.until(() => other.of('n').length === 1);
    const after = await cluster.open(connector, 'ben', old.resume);
    expect(after.opened).toMatchObject(unknown);
    await cluster.push.toPlayer('ben', 'n', 2);
    await after.until(() => after.of('n').includes(2));
    expect(after.of('n')).toEqual([2]);
  });
});
