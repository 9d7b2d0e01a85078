import type { Socket as NetSocket } from 'node:net';
import type { PushMessage } from '@ccgame/protocol';
import { tokenOf } from '@ccgame/testing';
import { io, type Socket } from 'socket.io-client';
import { Cluster } from './cluster.js';

const patienceMs = 700;

/** Gives up a handshake that takes long and tries the next connector; says nothing of its sessions, as it has no SDK. */
class ImpatientPlayer {
  readonly closed: string[] = [];
  /** Why each of its sockets ended. */
  readonly ends = new Map<Socket, string>();
  socket?: Socket;
  private readonly silent: NetSocket[] = [];

  constructor(
    private readonly playerId: string,
    private readonly ports: number[],
    /** It leaves without a word: its connections stay open, and nobody reads them. */
    private readonly isSilent: boolean,
  ) {}

  async connect(): Promise<void> {
    for (let turn = 0; ; turn += 1) {
      const socket = this.open(this.ports[turn % this.ports.length]);
      const isOpen = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true));
        socket.once('disconnect', (reason) => {
          this.ends.set(socket, reason);
          resolve(false);
        });
        setTimeout(() => resolve(false), patienceMs);
      });
      if (isOpen) return void (this.socket = socket);
      this.abandon(socket);
    }
  }

  /** The connection breaks, and the player comes back. */
  async reconnect(): Promise<void> {
    if (this.socket) this.abandon(this.socket);
    this.socket = undefined;
    await this.connect();
  }

  end(): void {
    this.socket?.disconnect();
    for (const socket of this.silent) socket.destroy();
  }

  private open(port: number): Socket {
    const socket = io(`http://127.0.0.1:${port}`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth: { token: tokenOf(this.playerId) },
    });
    socket.on('Push', ({ route, data }: PushMessage) => {
      if (socket === this.socket && route === 'session.closed')
        this.closed.push((data as { code: string }).code);
    });
    return socket;
  }

  private abandon(socket: Socket): void {
    const ws = (socket.io.engine?.transport as { ws?: { _socket?: NetSocket } } | undefined)?.ws;
    if (this.isSilent && ws?._socket) this.silent.push(ws._socket.pause());
    else socket.disconnect();
  }
}

it('leaves the newest socket to a player whose earlier handshakes hung with NATS', async () => {
  const cluster = await Cluster.start(2);
  const ports = cluster.connectors.map(({ port }) => port);
  const players = Array.from({ length: 30 }, (_, i) => new ImpatientPlayer(`player${i}`, ports, i % 2 === 1));
  try {
    await Promise.all(players.map((player) => player.connect()));
    cluster.nats.pause();
    const back = Promise.all(players.map((player) => player.reconnect()));
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    cluster.nats.resume();
    await back;
    // A late claim would come within an ack's time.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(players.flatMap(({ closed }) => closed)).toEqual([]);
    const lost = players.filter(({ socket }) => !socket?.connected);
    expect(lost.map(({ socket, ends }) => socket && ends.get(socket))).toEqual([]);
  } finally {
    for (const player of players) player.end();
    await cluster.stop();
  }
}, 60_000);
