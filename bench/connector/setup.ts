import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type GameNats, ServerProcess, startServer } from '@ccgame/testing';

/** Where trees of several ages have their built connector. */
const connectorEntries = ['dist/servers/connector.js', 'dist/apps/connector/src/main.js'];

/** No limit of a game’s is in the way. */
export const unlimited = {
  SESSION_RATE: '1000000',
  SESSION_BURST: '1000000',
  HANDSHAKE_RATE: '100000',
  CONNECTION_RATE_PER_ADDRESS: '100000',
};

/** Everything that the bench starts and stops. */
export class Setup {
  private readonly children: ChildProcess[] = [];
  private readonly processes: ServerProcess[] = [];

  /** @param tree whose servers are started, with all that they need built */
  constructor(
    private readonly nats: GameNats,
    private readonly tree = process.cwd(),
  ) {}

  /** @param roles of `bare.ts`: one that forwards, or `local`, which answers by itself */
  async bare(roles = ['echo', 'forwarder']): Promise<string> {
    const port = await freePort();
    for (const role of roles) {
      const child = fork(join(this.tree, 'dist/bench/connector/bare.js'), [role], {
        env: { ...process.env, NATS_ADDRESS: this.nats.address, WS_PORT: String(port) },
      });
      this.children.push(child);
      await once(child, 'message');
    }
    return `http://127.0.0.1:${port}`;
  }

  /**
   * @param env with the limits of a game instead of none
   * @param entry of another connector than the app's
   * @param nodeOptions before the entry
   */
  async connector(
    ordinal = 0,
    env: Record<string, string> = unlimited,
    entry = connectorEntries.find((path) => existsSync(join(this.tree, path))),
    nodeOptions: string[] = [],
  ): Promise<{ url: string; pid: number }> {
    const { process: started, port } = await startServer({
      root: this.tree,
      serverType: 'connector',
      version: '1.0.0000',
      nats: this.nats,
      logFolder: this.nats.folder,
      ordinal,
      entry,
      nodeOptions,
      env: { LOG_LEVEL: 'warn', ...env },
    });
    this.processes.push(started);
    await started.untilReady();
    return { url: `http://127.0.0.1:${port}`, pid: started.pid ?? 0 };
  }

  /** Returns its process id. */
  async echo(): Promise<number> {
    const healthPort = await freePort();
    const serverId = 'bench-dev-v100000-0';
    const echo = new ServerProcess({
      serverId,
      cwd: this.tree,
      entry: join(this.tree, 'dist/bench/connector/echo.js'),
      healthPort,
      logFile: join(this.nats.folder, 'echo.log'),
      env: {
        SERVER_ID: serverId,
        SERVER_TYPE: 'bench',
        VERSION: '1.0.0000',
        NODE_ENV: 'dev',
        NATS_ADDRESS: this.nats.address,
        HEALTHY_CHECK_PORT: String(healthPort),
        LOG_LEVEL: 'warn',
      },
    });
    this.processes.push(echo);
    echo.start();
    await echo.untilReady();
    return echo.pid ?? 0;
  }

  async stop(): Promise<void> {
    for (const child of this.children) child.kill();
    await Promise.all(this.processes.map((one) => one.stop(5_000)));
  }
}
