import { once } from 'node:events';
import type { Socket as NetSocket } from 'node:net';
import { tokenOf } from '@ccgame/testing';
import { WebSocket } from 'ws';
import { Issuer } from '../../sessions/test/issuer.js';
import { Cluster } from './cluster.js';
import { Player } from './player.js';

const path = '/socket.io/?EIO=4&transport=websocket';
/** More than are worked on at once, from addresses that may each open as many in a burst. */
const addresses = ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4'];
const ofEach = 300;

/** Opens sockets with one player's token, and answers no ping: each handshake has a session to take over. */
class TokenBurst {
  /** Tokens that were sent. */
  sent = 0;
  private readonly sockets: WebSocket[];

  constructor(
    private readonly port: number,
    private readonly token: string,
  ) {
    this.sockets = addresses.flatMap((address) => Array.from({ length: ofEach }, () => this.open(address)));
  }

  stop(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  private open(address: string): WebSocket {
    const headers = { 'X-Forwarded-For': address };
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}${path}`, { headers, perMessageDeflate: false });
    socket.once('message', () => {
      this.sent += 1;
      socket.send(`40{"token":"${this.token}"}`);
    });
    return socket.on('error', () => undefined);
  }
}

describe('a player’s token', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start(1, { SECOND_DEVICE: 'refuse' });
  });
  afterAll(() => cluster.stop());

  it('lets one handshake in at a time, so that one token keeps nobody else out', async () => {
    const connector = await cluster.addConnector();
    await cluster.openPlain(connector, 'mallory');
    const burst = new TokenBurst(connector.port, tokenOf('mallory'));
    try {
      let friends = 0;
      for (; burst.sent < addresses.length * ofEach || friends < 20; friends += 1)
        await within(10_000, cluster.openPlain(connector, `friend-${friends}`));
      // Its own handshakes were refused, not those of the friends.
      const refused = await cluster.metric(connector, 'handshakes_total BUSY');
      expect(refused).toBeGreaterThan((addresses.length * ofEach) / 2);
      expect(await cluster.metric(connector, 'handshakes_total ok')).toBeGreaterThanOrEqual(friends);
    } finally {
      burst.stop();
    }
  }, 60_000);

  it('is told when to come again that connects and leaves in a loop, and nobody else is', async () => {
    const connector = await cluster.addConnector();
    const opened = (): Promise<Player> => Player.open(connector.port, 'looper', { protocol: 1 });
    let refusal: Refusal = {};
    for (let turns = 0; !refusal.data; turns += 1) {
      expect(turns).toBeLessThan(200);
      // Its handshake before may be under way still.
      const isUnderWay = (error: Refusal): boolean => error.data?.code === 'BUSY';
      await opened().then(
        ({ socket }) => socket.disconnect(),
        (error: Refusal) => void (isUnderWay(error) || (refusal = error)),
      );
    }
    const { code, retryable, retryAfterMs } = refusal.data;
    expect({ code, retryable }).toEqual({ code: 'RATE_LIMITED', retryable: true });
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(1_000);
    await within(10_000, cluster.openPlain(connector, 'looper-s-friend'));
    await new Promise((resolve) => setTimeout(resolve, retryAfterMs));
    (await opened()).socket.disconnect();
  }, 60_000);

  it('takes nothing of the others’ rate while its player is kept out for abuse', async () => {
    const connector = await cluster.addConnector({ HANDSHAKE_RATE: '3' });
    const abuser = await cluster.openPlain(connector, 'abuser');
    for (let sent = 0; sent < 200; sent += 1) abuser.socket.emit('Request', {});
    await abuser.until(() => abuser.of('session.closed').length > 0 && abuser.disconnected !== undefined);
    for (let tries = 0; tries < 10; tries += 1) {
      const { data } = await refusalOf(Player.open(connector.port, 'abuser', { protocol: 1 }));
      expect(data?.code).toBe('RATE_LIMITED');
      // So long is the abuser out; the connector's rate would have it come again within two seconds.
      expect(data?.retryAfterMs).toBeGreaterThan(5_000);
    }
    const friends = ['one', 'two'].map((name) => Player.open(connector.port, name, { protocol: 1 }));
    for (const { socket } of await Promise.all(friends)) socket.disconnect();
  });

  it('takes nothing of the others’ rate where its client leaves while it is looked up', async () => {
    const issuer = await Issuer.start();
    const { url, rules } = issuer;
    const env = { TOKEN_JWKS_URL: url, TOKEN_ISSUER: rules.issuer, TOKEN_AUDIENCE: rules.audience };
    const connector = await cluster.addConnector({ HANDSHAKE_RATE: '3', ...env });
    let answerAll = (): void => undefined;
    issuer.answersAfter = new Promise((resolve) => (answerAll = resolve));
    const leavers = Array.from({ length: 10 }, async (_, i) => {
      const socket = new WebSocket(`ws://127.0.0.1:${connector.port}${path}`);
      await once(socket, 'message');
      socket.send(`40{"token":"${await issuer.tokenOf({ sub: `leaver-${i}` })}"}`);
      socket.close();
      await once(socket, 'close');
    });
    await Promise.all(leavers);
    answerAll();
    await cluster.untilMetric(connector, 'handshakes_total', leavers.length);
    const friends = ['one', 'two'].map((name) => Player.open(connector.port, name, { protocol: 1 }));
    for (const { socket } of await Promise.all(friends)) socket.disconnect();
    issuer.stop();
  });

  it('is not refused for a socket of the player’s own whose network is gone', async () => {
    const [connector] = cluster.connectors;
    const first = await cluster.openPlain(connector, 'rob');
    await expect(Player.open(connector.port, 'rob')).rejects.toMatchObject({ data: { code: 'CONFLICT' } });
    const { ws } = first.socket.io.engine.transport as unknown as { ws: { _socket: NetSocket } };
    ws._socket.pause();
    await cluster.openPlain(connector, 'rob');
    ws._socket.destroy();
  });
});

interface Refusal {
  data?: { code: string; retryable: boolean; retryAfterMs: number };
}

function refusalOf(opening: Promise<Player>): Promise<Refusal> {
  return opening.then(
    () => ({}),
    (error: Refusal) => error,
  );
}

/** A plain client hears nothing of a handshake that it may try again. */
function within<T>(ms: number, opening: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('The handshake was refused')), ms).unref();
  });
  return Promise.race([opening, late]);
}
