import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The events that a player's program saw. */
export interface Seen {
  event: 'login' | 'connect' | 'disconnect' | 'push' | 'response' | 'error';
  [fact: string]: unknown;
}

/** A player whose program is written in another language: commands and events are lines of JSON. */
export class ForeignPlayer {
  readonly seen: Seen[] = [];
  private readonly child: ChildProcess;
  private stderr = '';
  private timestamp = 0;

  /** @param name stands in errors */
  constructor(
    [command, ...args]: readonly string[],
    url: string,
    private readonly name: string,
  ) {
    this.child = spawn(command, [...args, url], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.on('error', (error) => (this.stderr += error.message));
    this.child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()));
    createInterface({ input: this.child.stdout ?? process.stdin }).on('line', (line) => {
      this.seen.push(JSON.parse(line) as Seen);
    });
  }

  get playerId(): string {
    return this.all('login')[0]?.playerId as string;
  }

  all(event: Seen['event']): Seen[] {
    return this.seen.filter((one) => one.event === event);
  }

  /** The data of the pushes under a route. */
  pushes(route: string): unknown[] {
    return this.all('push').flatMap((push) => (push.route === route ? [push.data] : []));
  }

  /** @throws Error for an error that the servers answered with, or no answer in time */
  async request(route: string, data: unknown): Promise<unknown> {
    const timestamp = ++this.timestamp;
    this.child.stdin?.write(`${JSON.stringify({ route, data, timestamp })}\n`);
    const answer = () => this.all('response').find((one) => one.timestamp === timestamp);
    await this.until(`${route} is answered`, () => answer() !== undefined);
    const { data: result, error } = answer() as Seen;
    if (error) throw new Error(`${this.name}, ${route}: ${JSON.stringify(error)}`);
    return result;
  }

  async until(what: string, check: () => boolean, withinMs = 30_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!check()) {
      if (Date.now() > deadline || this.child.exitCode !== null) {
        const last = this.seen.slice(-8).map((one) => JSON.stringify(one));
        throw new Error(
          `${this.name}, not within ${withinMs} ms: ${what}\n${last.join('\n')}\n${this.stderr}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends its program by the end of its commands. */
  close(): void {
    this.child.stdin?.end();
    setTimeout(() => this.child.kill('SIGKILL'), 3_000).unref();
  }
}
