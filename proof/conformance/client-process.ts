import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { until } from './until.js';

/** A line that the client's program printed. */
export interface Told {
  event: 'state' | 'push' | 'gap' | 'answer' | 'refused' | 'closed';
  [fact: string]: unknown;
}

/** A client under test: a program that takes commands and tells what it sees, each a line of JSON (clients/README.md). */
export class ClientProcess {
  readonly told: Told[] = [];
  private readonly child: ChildProcess;
  private stderr = '';
  private count = 0;

  constructor([command, ...args]: readonly string[]) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.on('error', (error) => (this.stderr += error.message));
    this.child.stdin?.on('error', () => undefined);
    this.child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()));
    createInterface({ input: this.child.stdout ?? process.stdin }).on('line', (line) => {
      this.told.push(JSON.parse(line) as Told);
    });
  }

  /**
   * @param tokens are given one after another, each time that the client asks for one; null fails, false is never given, and the last one
   *   stays
   */
  connect(url: string, more: { tokens?: (string | null | false)[]; version?: string } = {}): void {
    this.send({ do: 'connect', url, tokens: ['token'], version: '1.0.0000', ...more });
  }

  /** Gives the id by which the answer is told. */
  request(route: string, data: unknown, timeoutMs = 15_000): string {
    return this.requestJson(route, JSON.stringify(data), timeoutMs);
  }

  /** As {@link request}. @param json the data, as JavaScript need not write it */
  requestJson(route: string, json: string, timeoutMs = 15_000): string {
    const id = `r${++this.count}`;
    const command = JSON.stringify({ do: 'request', id, route, timeoutMs });
    this.child.stdin?.write(`${command.slice(0, -1)},"data":${json}}\n`);
    return id;
  }

  notify(route: string, data: unknown): void {
    this.send({ do: 'notify', route, data });
  }

  close(): void {
    this.send({ do: 'close' });
  }

  all(event: Told['event']): Told[] {
    return this.told.filter((one) => one.event === event);
  }

  /** The data of each push of a route, in that order. */
  pushes(route: string): unknown[] {
    return this.all('push').flatMap((push) => (push.route === route ? [push.data] : []));
  }

  get isOnline(): boolean {
    return this.all('state').at(-1)?.state === 'online';
  }

  untilOnline(): Promise<void> {
    return until('the client says that it is online', () => this.isOnline);
  }

  /** The request's outcome: its `data`, or the `code` of its error. */
  async outcome(id: string): Promise<{ data?: unknown; code?: string; retryable?: boolean }> {
    const outcome = (): Told | undefined => this.told.find((one) => one.id === id);
    await until(`request ${id} ends`, () => outcome() !== undefined);
    const { data, code, retryable } = outcome() as Told & { code?: string; retryable?: boolean };
    return { data, code, retryable };
  }

  /** The program's error output, for those who read of a failed case. */
  get problems(): string {
    const end = this.child.exitCode === null ? '' : `\nended with exit code ${this.child.exitCode}`;
    return `${this.stderr.slice(-1_500)}${end}`;
  }

  end(): void {
    this.child.kill('SIGKILL');
  }

  private send(command: object): void {
    this.child.stdin?.write(`${JSON.stringify(command)}\n`);
  }
}
