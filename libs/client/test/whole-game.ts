import {
  type GameNats,
  PlayerNetwork,
  startGameNats,
  type StartedServer,
  startServer,
} from '@ccgame/testing';

/** Every server that a game needs, behind the players' network. */
export class WholeGame {
  readonly connectors: StartedServer[] = [];
  readonly network: PlayerNetwork;
  private readonly others: StartedServer[] = [];
  private turn = 0;

  private constructor(private readonly nats: GameNats) {
    this.network = new PlayerNetwork({
      connector: () => {
        const alive = this.connectors.filter((one) => one.process.isRunning);
        return alive[this.turn++ % alive.length]?.port;
      },
      http: () => this.others[0].port,
    });
  }

  static async start(connectors: number): Promise<WholeGame> {
    const game = new WholeGame(await startGameNats());
    await game.network.open();
    for (const serverType of ['http', 'matching']) game.others.push(await game.server(serverType));
    for (let ordinal = 0; ordinal < connectors; ordinal += 1) {
      game.connectors.push(await game.server('connector', ordinal));
    }
    await Promise.all(game.servers.map(({ process }) => process.untilReady()));
    return game;
  }

  get url(): string {
    return this.network.url;
  }

  async stop(): Promise<void> {
    this.network.close();
    await Promise.all(this.servers.map(({ process }) => process.stop()));
    await this.nats.destroy();
  }

  private get servers(): StartedServer[] {
    return [...this.others, ...this.connectors];
  }

  private server(serverType: string, ordinal = 0): Promise<StartedServer> {
    return startServer({
      root: process.cwd(),
      serverType,
      version: '1.0.0000',
      ordinal,
      nats: this.nats,
      logFolder: this.nats.folder,
      env: { PUBLIC_HTTP_URL: this.url, PUBLIC_WS_URL: this.url },
    });
  }
}
