import { setMaxListeners } from 'node:events';
import { type Client, connect } from '@ccgame/client';
import { RobotNotes } from './robot-notes.js';

/** The parts of one robot. */
export interface RobotContext {
  client: Client;
  playerId: string;
  notes: RobotNotes;
  /** Aborted when the robot is to stop; it finishes what it has begun. */
  signal: AbortSignal;
}

/** `src/robot.ts` of a game exports one as `playAsRobot`: it plays one player until its signal is aborted. */
export type PlayAsRobot = (context: RobotContext) => Promise<void>;

const loginsAtOnce = 10;

/** Guests who play a game with the real SDK. */
export class RobotTeam {
  readonly notes = new RobotNotes();
  private readonly stopping = new AbortController();
  private readonly clients: Client[] = [];
  private readonly players: Promise<void>[] = [];

  /** @param url the game's public address */
  constructor(
    private readonly url: string,
    private readonly playAsRobot: PlayAsRobot,
  ) {
    // Each robot listens to it.
    setMaxListeners(0, this.stopping.signal);
  }

  /** Some robots more; resolves when all of them play. @throws Error when one can't log in or connect */
  async addPlayers(count: number): Promise<void> {
    for (let left = count; left > 0; left -= loginsAtOnce) {
      await Promise.all(Array.from({ length: Math.min(left, loginsAtOnce) }, () => this.addPlayer()));
    }
  }

  /** Resolves when all have finished what they had begun. @throws what a robot threw */
  async stopPlaying(): Promise<void> {
    this.stopping.abort();
    const results = await Promise.allSettled(this.players);
    for (const client of this.clients) client.close();
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async addPlayer(): Promise<void> {
    const { playerId, token } = await this.login();
    const client = connect({ url: this.url, token });
    this.clients.push(client);
    client.on('moved', () => this.notes.countOne('moved to another connector'));
    client.on('notRecovered', () => this.notes.countOne('sessions not recovered'));
    await client.ready;
    const { notes, stopping } = this;
    const player = this.playAsRobot({ client, playerId, notes, signal: stopping.signal });
    player.catch(() => {});
    this.players.push(player);
  }

  private async login(): Promise<{ playerId: string; token: string }> {
    const response = await fetch(`${this.url}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ deviceId: `robot-${crypto.randomUUID()}` }),
    }).catch((error: Error) => {
      const { code = error.message } = Object(error.cause) as { code?: string };
      throw new Error(`${this.url} does not answer (${code}).`, { cause: error });
    });
    if (!response.ok)
      throw new Error(`A robot could not log in: ${response.status} ${await response.text()}`);
    return (await response.json()) as { playerId: string; token: string };
  }
}
