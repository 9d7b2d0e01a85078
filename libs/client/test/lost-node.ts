import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { ChildOutput } from '@ccgame/testing';

const listens = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 },
  function () { console.log(this.address().port); })`;

/** Addresses of a machine that is gone, as an Ingress meets them: one takes connections and says nothing, the other drops packets. */
export class LostNode {
  private readonly sockets: Socket[] = [];

  private constructor(
    private readonly silent: Server,
    private readonly stopped: ChildProcess,
    readonly ports: readonly number[],
  ) {}

  static async start(): Promise<LostNode> {
    const silent = createServer((socket) => void socket.on('error', () => {}).resume());
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const stopped = spawn(process.execPath, ['-e', listens], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await new ChildOutput(stopped).prints(/^\d+$/m);
    stopped.kill('SIGSTOP');
    const node = new LostNode(silent, stopped, [(silent.address() as AddressInfo).port, Number(line)]);
    // Linux takes some connections for it; once that queue is full, it drops each further SYN.
    while (await node.takesConnection(Number(line)));
    return node;
  }

  private async takesConnection(port: number): Promise<boolean> {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    this.sockets.push(socket);
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 300));
    return Promise.race([once(socket, 'connect').then(() => true), late]);
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.silent.close();
    this.stopped.kill('SIGKILL');
  }
}
