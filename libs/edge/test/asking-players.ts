import type { StartedServer } from '@ccgame/testing';
import type { Cluster } from './cluster.js';
import { Player } from './player.js';

const ask = { route: 'matching.user_leave_matching', data: {} };
const playerCount = 10;
const pauseMs = 15;
const windowMs = 400;

/** Players of a connector who ask and are answered, and others who come and go meanwhile. */
export class AskingPlayers {
  private visitors = 0;

  private constructor(
    private readonly connector: StartedServer,
    private readonly players: Player[],
  ) {}

  static async open(cluster: Cluster, connector: StartedServer): Promise<AskingPlayers> {
    const names = Array.from({ length: playerCount }, (_, number) => `friend-${number}`);
    return new AskingPlayers(
      connector,
      await Promise.all(names.map((name) => cluster.openPlain(connector, name))),
    );
  }

  /** Those whose connection ended. */
  get gone(): Player[] {
    return this.players.filter(({ disconnected }) => disconnected !== undefined);
  }

  /** For a moment. @returns how many answers the players had */
  async play(): Promise<number> {
    const asking = this.players.map((player) => askOnAndOn(player));
    await this.visit();
    return (await Promise.all(asking)).reduce((sum, answers) => sum + answers, 0);
  }

  /** Others come, from the flood's own address and from another one, and are answered. */
  private async visit(): Promise<void> {
    this.visitors += 1;
    const elsewhere = { extraHeaders: { 'X-Forwarded-For': `198.51.100.${this.visitors % 250}` } };
    for (const options of [{}, elsewhere]) {
      const visitor = await Player.open(this.connector.port, `visitor-${this.visitors}`, {}, options);
      await assertAnswered(visitor);
      visitor.socket.disconnect();
    }
  }
}

async function assertAnswered({ socket }: Player): Promise<void> {
  expect(await socket.timeout(30_000).emitWithAck('Request', ask)).toHaveProperty('data');
}

/** @returns how many answers it had */
async function askOnAndOn(player: Player): Promise<number> {
  let answers = 0;
  for (const until = performance.now() + windowMs; performance.now() < until; answers += 1) {
    await assertAnswered(player);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return answers;
}
