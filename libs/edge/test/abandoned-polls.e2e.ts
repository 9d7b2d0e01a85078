import { connect, type Socket as NetSocket } from 'node:net';
import { tokenOf } from '@ccgame/testing';
import { Cluster } from './cluster.js';
import { Player } from './player.js';

const path = '/socket.io/?EIO=4&transport=polling';
/** Longer than an open connection is believed without an answer. */
const hangMs = 2_500;

/** A client that polls by hand, as its proxy blocks WebSockets. */
class Poller {
  private poll?: NetSocket;

  private constructor(
    private readonly port: number,
    private readonly sid: string,
  ) {}

  static async open(port: number): Promise<Poller> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    const { sid } = JSON.parse((await response.text()).slice(1)) as { sid: string };
    return new Poller(port, `&sid=${sid}`);
  }

  /** The answer means that it was taken. */
  async send(packet: string): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}${this.sid}`, {
      method: 'POST',
      body: packet,
    });
    expect(await response.text()).toBe('ok');
  }

  /** Waits for packets, which nobody reads. */
  beginPoll(): void {
    this.poll = connect(this.port, '127.0.0.1').pause();
    this.poll.on('error', () => undefined);
    this.poll.write(`GET ${path}${this.sid} HTTP/1.1\r\nHost: game\r\n\r\n`);
  }

  endPoll(): void {
    this.poll?.destroy();
  }
}

/** The ways in which a client leaves while its handshake hangs. */
const ways = {
  'closes its session': (client: Poller) => client.send('1'),
  'ends its poll': (client: Poller) => client.endPoll(),
  'reads its poll no more': () => undefined,
  'polls no more': () => undefined,
};
const ofEach = 5;

it('takes no session for a client that polls and leaves while NATS hangs', async () => {
  const cluster = await Cluster.start(2, { LONG_POLLING: 'on' });
  const [home, other] = cluster.connectors;
  const clients: Poller[] = [];
  try {
    const names = Object.keys(ways).flatMap((way) => Array.from({ length: ofEach }, (_, i) => `${way} ${i}`));
    const players = names.map((name) => ({ name, playerId: name.replaceAll(' ', '-') }));
    const sockets = await Promise.all(players.map(({ playerId }) => Player.open(home.port, playerId)));
    cluster.nats.pause();
    await Promise.all(
      players.map(async ({ name, playerId }) => {
        const client = await Poller.open(other.port);
        clients.push(client);
        await client.send(`40${JSON.stringify({ token: tokenOf(playerId) })}`);
        if (!name.startsWith('polls no more')) client.beginPoll();
        const [, leave] = Object.entries(ways).find(([way]) => name.startsWith(way)) ?? [];
        setTimeout(() => void leave?.(client), hangMs / 5);
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, hangMs));
    cluster.nats.resume();
    await cluster.untilMetric(other, 'handshakes_total BUSY', players.length);
    expect(await cluster.metric(other, 'handshakes_total ok')).toBe(0);
    // They are asked by their own connector, and hear of a take-over before the answer.
    const asked = sockets.map((player) => player.ask({ route: 'matching.user_leave_matching', data: {} }));
    for (const answer of await Promise.all(asked)) expect(answer).toHaveProperty('data');
    expect(sockets.flatMap((player) => player.of('session.closed'))).toEqual([]);
  } finally {
    for (const client of clients) client.endPoll();
    await cluster.stop();
  }
}, 60_000);
