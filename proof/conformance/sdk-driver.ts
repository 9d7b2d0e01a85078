import { createInterface } from 'node:readline';
import { type Client, ClientError, connect } from '@ccgame/client';

/** The SDK as a client under test: commands and what it tells are lines of JSON (clients/README.md). */
interface Command {
  do: 'connect' | 'request' | 'notify' | 'close';
  url: string;
  tokens: (string | null | false)[];
  version?: string;
  id: string;
  route: string;
  data: unknown;
  timeoutMs: number;
}

let client: Client | undefined;
const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const failed = (error: unknown): object => {
  const { code, retryable } =
    error instanceof ClientError ? error : { code: String(error), retryable: false };
  return { code, retryable };
};

createInterface({ input: process.stdin }).on('line', (line) => perform(JSON.parse(line) as Command));

function perform(command: Command): void {
  if (command.do === 'connect') client = open(command);
  else if (command.do === 'close') client?.close();
  else if (command.do === 'notify') void client?.notify(command.route, command.data).catch(() => undefined);
  else {
    const { id, route, data, timeoutMs } = command;
    client?.request(route, data, { timeoutMs }).then(
      (answer: unknown) => tell({ event: 'answer', id, data: answer }),
      (error: unknown) => tell({ event: 'refused', id, ...failed(error) }),
    );
  }
}

function open({ url, tokens, version }: Command): Client {
  const token = (): string | Promise<string> => {
    const next = tokens.length > 1 ? tokens.shift() : tokens[0];
    if (typeof next === 'string') return next;
    if (next === false) return new Promise(() => undefined);
    throw new Error('The login can’t be reached');
  };
  const opened = connect({ url, version, token, onNotRecovered: () => tell({ event: 'gap' }) });
  opened.on('said', (data) => tell({ event: 'push', route: 'said', data: data as unknown }));
  opened.on('state', (state: string) => tell({ event: 'state', state }));
  opened.on('error', (error) => opened.state === 'closed' && tell({ event: 'closed', ...failed(error) }));
  return opened;
}
