import { rssMb, type StartedServer, untilHolds } from '@ccgame/testing';
import { Cluster } from './cluster.js';
import type { Player } from './player.js';
import { ping, RawPlayer } from './raw-player.js';

/** More than the kernel takes for a socket whose other end doesn't read, which is 10 MB where it may grow as it does by default. */
const count = 150;
const text = 'x'.repeat(200_000);

describe('a client that reads slowly', () => {
  let cluster: Cluster;
  let connector: StartedServer;

  beforeAll(async () => {
    cluster = await Cluster.start(1);
    [connector] = cluster.connectors;
  });
  afterEach(() => cluster.leave());
  afterAll(() => cluster.stop());

  /** Stops and goes on reading from the network. */
  function reading(player: Player, how: 'pause' | 'resume'): void {
    const { transport } = player.socket.io.engine as unknown as {
      transport: { ws: Record<string, () => void> };
    };
    transport.ws[how]();
  }

  const numbersOf = (player: Player) => player.of('n').map((data) => (data as { number: number }).number);
  const upTo = (total: number) => Array.from({ length: total }, (_, index) => index);

  it('is disconnected before it fills the memory, and gets every push once it reads, as fast as it can', async () => {
    const before = await cluster.open(connector, 'anna');
    const rssBefore = rssMb(connector.process.pid!);
    reading(before, 'pause');
    for (const number of upTo(count)) await cluster.push.toPlayer('anna', 'n', { number, text });
    await cluster.untilMetric(connector, 'closed_total SLOW_CONSUMER', 1);
    expect(rssMb(connector.process.pid!) - rssBefore).toBeLessThan(100);
    // 30 MB were missed: no client that reads is too slow.
    const after = await cluster.open(connector, 'anna', before.resume);
    await after.until(() => after.of('n').length >= count);
    expect(numbersOf(after)).toEqual(upTo(count));
    expect(after.disconnected).toBeUndefined();
  });

  it('is told the reason where it reads again', async () => {
    const player = await cluster.open(connector, 'rita');
    const closed = await cluster.metric(connector, 'closed_total SLOW_CONSUMER');
    reading(player, 'pause');
    const pushed = (async () => {
      for (const number of upTo(count)) await cluster.push.toPlayer('rita', 'n', { number, text });
    })();
    // The connector cuts off a client that has read nothing for 3 s after it was closed.
    await cluster.untilMetric(connector, 'closed_total SLOW_CONSUMER', closed + 1);
    reading(player, 'resume');
    await pushed;
    await player.until(() => player.disconnected !== undefined);
    expect(player.of('session.closed')).toMatchObject([{ code: 'SLOW_CONSUMER', reconnect: true }]);
  });

  it('is disconnected where it reads no acknowledgements', async () => {
    const env = { SESSION_RATE: '20000', SESSION_BURST: '20000' };
    const own = await cluster.addConnector(env, 'dist/test-servers/proof/gateway/connector.js');
    const player = await cluster.openPlain(own, 'ada');
    await player.socket.emitWithAck('keep', { name: 'text', value: 'x'.repeat(1_900) });
    reading(player, 'pause');
    // 15 MB of answers.
    for (let asked = 0; asked < 8_000; asked += 1) player.socket.emit('keep', { name: 'text' }, () => {});
    await cluster.untilMetric(own, 'closed_total SLOW_CONSUMER', 1);
  });

  it('gets the latest of the volatile pushes instead of all of them, and stays connected', async () => {
    const player = await cluster.open(connector, 'vera');
    reading(player, 'pause');
    const send = (number: number) => cluster.push.toPlayer('vera', 'n', { number, text }, { volatile: true });
    for (const number of upTo(count)) await send(number);
    await cluster.untilMetric(connector, 'pushes_total dropped', 1);
    await send(count);
    await cluster.push.toPlayer('vera', 'reliable', 1);
    reading(player, 'resume');
    await player.until(() => numbersOf(player).at(-1) === count);
    expect(player.of('n').length).toBeLessThan(count);
    await player.until(() => player.of('reliable').length === 1);
    expect(player.disconnected).toBeUndefined();
  });

  it('is cut off within seven seconds where it is gone without a word, and not where it answers in pieces', async () => {
    const gone = new RawPlayer(connector.port, 'gus', () => []);
    const slow = new RawPlayer(connector.port, 'sue', (pong) => [pong.subarray(0, 3), pong.subarray(3)]);
    await Promise.all([gone.pinged, slow.pinged]);
    const since = performance.now();
    await gone.closed;
    expect(performance.now() - since).toBeGreaterThan(2_500);
    expect(await cluster.metrics(connector)).toMatch(/closed_total\{reason="ping timeout",.*\} 1/);
    await slow.untilPings(3);
    expect(slow.isClosed).toBe(false);
    slow.end();
  });

  it('hears how far its pushes have come in one write with a ping', async () => {
    const player = new RawPlayer(connector.port, 'pia', (pong) => [pong]);
    await player.pinged;
    await cluster.push.toPlayer('pia', 'n', 1);
    const pushed = (): string | undefined => /"position":(\d+)/.exec(player.pieces.join(''))?.[1];
    await untilHolds(() => pushed() !== undefined);
    const told = (): Buffer | undefined => player.pieces.find((piece) => piece.includes('42["Position","'));
    await untilHolds(() => told() !== undefined);
    expect(told()?.subarray(-ping.length)).toEqual(ping);
    const [, position] = /"Position","(\d+)"/.exec(String(told())) ?? [];
    expect(Number(position)).toBeGreaterThanOrEqual(Number(pushed()));
    player.end();
  });
});
