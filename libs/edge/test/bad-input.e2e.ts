import {
  calmTime,
  rssMb,
  type GameNats,
  startGameNats,
  type StartedServer,
  startServer,
  tokenOf,
} from '@ccgame/testing';
import { WebSocket } from 'ws';
import { Player } from './player.js';

/** Only the SDK is told why; a plain client's transport ends, so that it comes back by itself. */
const sdk = { protocol: 1 } as const;
const good = { route: 'matching.user_leave_matching', data: {}, timestamp: 1 };

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = { value };
  return value;
}

describe('bad input', () => {
  let nats: GameNats;
  let connector: StartedServer;
  let matching: StartedServer;
  const players: Player[] = [];

  beforeAll(async () => {
    nats = await startGameNats();
    const options = {
      root: process.cwd(),
      version: '1.0.0000',
      nats,
      logFolder: nats.folder,
    };
    connector = await startServer({ ...options, serverType: 'connector' });
    matching = await startServer({ ...options, serverType: 'matching' });
    await Promise.all([connector.process.untilReady(), matching.process.untilReady()]);
  });
  afterEach(() => {
    for (const player of players.splice(0)) player.socket.disconnect();
  });
  afterAll(async () => {
    await Promise.all([connector.process.stop(), matching.process.stop()]);
    await nats.destroy();
  });

  async function open(playerId: string): Promise<Player> {
    const player = await Player.open(connector.port, playerId);
    players.push(player);
    return player;
  }

  /** Another player is served as ever. */
  async function othersAreServed(): Promise<void> {
    const other = await open('other');
    expect(await other.ask(good)).toHaveProperty('data');
    expect(other.disconnected).toBeUndefined();
  }

  it.each<[string, unknown]>([
    ['a list', [good]],
    ['a number', 7],
    ['data that is binary', { ...good, data: Buffer.from('x') }],
    ['data with binary in it', { ...good, data: { file: Buffer.from('x') } }],
    ['data that is nested 33 levels', { ...good, data: nested(33) }],
    ['data that is nested 1,000 levels', { ...good, data: nested(1_000) }],
    ['a route that is an object', { ...good, route: {} }],
    ['a route that is too long', { ...good, route: `matching.${'x'.repeat(200)}` }],
    ['a negative timestamp', { ...good, timestamp: -1 }],
    ['a timestamp that is no whole number', { ...good, timestamp: 1.5 }],
    ['a timestamp that is text', { ...good, timestamp: '1' }],
    ['a version that is a number', { ...good, version: 1 }],
    ['a field that there is not', { ...good, uid: 'somebody-else' }],
  ])('is answered with INVALID: %s', async (_, message) => {
    const player = await open('pam');
    const problems = expect.arrayContaining([{ field: expect.any(String), rule: expect.any(String) }]);
    const refused = { code: 'INVALID', retryable: false, details: { problems } };
    expect((await player.ask(message)).error).toMatchObject(refused);
    expect(player.disconnected).toBeUndefined();
  });

  it('is answered with INVALID where a message has a second argument, with a callback and without', async () => {
    const player = await open('pia');
    const refused = { code: 'INVALID', details: { problems: [{ field: '' }] } };
    player.socket.emit('Request', good, 5);
    await player.until(() => player.responses.length === 1);
    expect(player.responses[0].error).toMatchObject(refused);
    const acknowledged = (await player.socket.timeout(5_000).emitWithAck('Request', good, 5)) as unknown;
    expect(acknowledged).toMatchObject({ error: refused });
  });

  it('ends the connection when a message is larger than 64 KiB', async () => {
    const player = await open('hugo');
    player.socket.emit('Request', { ...good, data: { text: 'x'.repeat(100_000) } });
    await player.until(() => player.disconnected !== undefined);
    await othersAreServed();
  });

  it.each([
    ['that waits for ten attachments', '510-["Admin",{"_placeholder":true,"num":0}]'],
    ['of kilobytes that waits for one', `51-["Admin",${JSON.stringify(new Array(2_000).fill({}))}]`],
  ])('ends the connection when it is a packet %s, which may never come', async (_, packet) => {
    const player = await open('bill');
    player.socket.io.engine.write(packet);
    await player.until(() => player.disconnected !== undefined);
    await othersAreServed();
  });

  it.each([
    ['a second handshake', '0{"token":"t"}'],
    ['one in another spelling', ' {"token":"t"}'],
  ])('ends the connection, and nothing else, when it is %s behind a goodbye', async (_, packet) => {
    const player = await open('gus');
    player.socket.io.engine.write('1');
    // It has been read.
    await othersAreServed();
    player.socket.io.engine.write(packet);
    await player.until(() => player.disconnected !== undefined);
    await othersAreServed();
  });

  it('is passed over where it is an unknown event, until there are too many', async () => {
    const player = await open('una');
    for (let index = 0; index < 50; index += 1) player.socket.emit('Admin', { index });
    expect(await player.ask(good)).toHaveProperty('data');
    for (let index = 0; index < 1_000; index += 1) player.socket.emit('Admin', { index });
    await player.until(() => player.disconnected !== undefined);
    expect(player.of('session.closed')).toMatchObject([{ code: 'ABUSE' }]);
  });

  it('is answered where its event has a number for a name, or none, which socket.io takes', async () => {
    const player = await open('nora');
    const other = await open('oskar');
    player.socket.emit(7 as never, good);
    const answer = (await player.socket.timeout(5_000).emitWithAck(8 as never, good)) as unknown;
    expect(answer).toMatchObject({ error: { code: 'UNKNOWN_ROUTE', details: { event: '8' } } });
    // An event without even a list, and one with a callback.
    for (const packet of ['2', '25']) player.socket.io.engine.write(packet);
    expect(await player.ask(good)).toHaveProperty('data');
    expect(await other.ask(good)).toHaveProperty('data');
    expect([player.disconnected, other.disconnected]).toEqual([undefined, undefined]);
  });

  it('is limited with a time to wait, and then disconnected, when 10,000 messages come in a burst', async () => {
    const [player, other] = [await open('bob'), await open('other')];
    const rssBefore = rssMb(connector.process.pid!);
    for (let index = 0; index < 10_000; index += 1) {
      player.socket.emit('Request', { ...good, timestamp: index });
    }
    expect(await other.ask(good)).toHaveProperty('data');
    await player.until(() => player.disconnected !== undefined);
    const limited = player.responses.filter(({ error }) => error?.code === 'RATE_LIMITED');
    expect(limited.length).toBeGreaterThan(100);
    expect(limited[0].error).toMatchObject({ retryable: true, retryAfterMs: expect.any(Number) });
    expect(player.of('session.closed')).toMatchObject([{ code: 'ABUSE', retryAfterMs: expect.any(Number) }]);
    expect(rssMb(connector.process.pid!) - rssBefore).toBeLessThan(100);
    await expect(Player.open(connector.port, 'bob', sdk)).rejects.toMatchObject({
      data: { code: 'RATE_LIMITED', retryable: true, retryAfterMs: expect.any(Number) },
    });
    await othersAreServed();
  });

  it('is cut off soon where the client that was disconnected keeps the connection', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${connector.port}/socket.io/?EIO=4&transport=websocket`);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    let sinceToldMs = (): number => Infinity;
    socket.on('message', (data: Buffer) => {
      const packet = data.toString();
      if (packet.startsWith('0')) socket.send(`40${JSON.stringify({ token: tokenOf('mute') })}`);
      if (packet.startsWith('40')) for (let sent = 0; sent < 1_000; sent += 1) socket.send('42["Admin"]');
      if (packet.includes('ABUSE')) sinceToldMs = calmTime();
    });
    // This client does not answer the WebSocket's closing, for which its library alone would wait half a minute.
    await new Promise((resolve) => socket.once('open', resolve));
    const { _receiver: receiver } = socket as unknown as { _receiver: NodeJS.EventEmitter };
    receiver.removeAllListeners('conclude');
    await closed;
    expect(sinceToldMs()).toBeLessThan(10_000);
  });

  it('is closed in five seconds where it never shows a token', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${connector.port}/socket.io/?EIO=4&transport=websocket`);
    const calmMs = calmTime();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(calmMs()).toBeLessThan(8_000);
  });

  it('is told when to come again, where more players come at once than the connector lets in', async () => {
    const narrow = await startServer({
      root: process.cwd(),
      version: '1.0.0000',
      nats,
      logFolder: nats.folder,
      serverType: 'connector',
      ordinal: 1,
      env: { HANDSHAKE_RATE: '5' },
    });
    await narrow.process.untilReady();
    const tries = Array.from({ length: 20 }, (_, index) => Player.open(narrow.port, `crowd${index}`, sdk));
    const results = await Promise.allSettled(tries);
    for (const result of results) if (result.status === 'fulfilled') players.push(result.value);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(20);
    expect(refused[0].reason).toMatchObject({
      data: { code: 'RATE_LIMITED', retryable: true, retryAfterMs: expect.any(Number) },
    });
    await narrow.process.stop();
  });

  it('gives a replayed token nothing but the one session of its player', async () => {
    const token = tokenOf('rita');
    const first = await Player.open(connector.port, 'rita', { token });
    const second = await Player.open(connector.port, 'rita', { token });
    players.push(first, second);
    await first.until(() => first.disconnected !== undefined);
    expect(first.of('session.closed')).toMatchObject([{ code: 'KICKED' }]);
    expect(second.disconnected).toBeUndefined();
  });
});
