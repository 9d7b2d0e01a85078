import { connect } from 'node:net';

/** The part of the server's greeting that matters here. Source: NATS client protocol, INFO. */
export interface NatsGreeting {
  /** New at each start of the server. */
  server_id: string;
  version: string;
  jetstream?: boolean;
  auth_required?: boolean;
  tls_required?: boolean;
  max_payload: number;
}

/**
 * Reads the INFO line a NATS server sends to whoever connects: version and JetStream are known without credentials.
 *
 * @throws Error when nothing answers in time, or something else than NATS does.
 */
export function probeNats(host: string, port: number, timeoutMs = 2000): Promise<NatsGreeting> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let text = '';
    const finish = (outcome: NatsGreeting | Error): void => {
      socket.destroy();
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    socket.setTimeout(timeoutMs, () => finish(new Error(`no answer within ${timeoutMs} ms`)));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(new Error(error.code ?? error.message)));
    socket.on('close', () => finish(new Error('closed without a greeting')));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n');
      if (end >= 0) finish(parse(text.slice(0, end)));
    });
  });
}

function parse(line: string): NatsGreeting | Error {
  if (!line.startsWith('INFO ')) return new Error('something that is not NATS answers there');
  return JSON.parse(line.slice('INFO '.length)) as NatsGreeting;
}
