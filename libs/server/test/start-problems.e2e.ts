import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from '@nats-io/transport-node';
import {
  ChildOutput,
  findNats,
  freePort,
  natsOptions,
  NatsServer,
  startGameNats,
  startServer,
} from '@ccgame/testing';

/** A matching server on a NATS that is not what it needs: it tells, in one line, what to do. */
describe('a server whose NATS has no room for its streams', () => {
  async function startMatching(natsAddress: string): Promise<{ code: number; errors: string }> {
    const child = spawn(process.execPath, ['dist/servers/matching.js'], {
      env: {
        PATH: process.env.PATH,
        NATS_ADDRESS: natsAddress,
        SERVER_TYPE: 'matching',
        SERVER_ID: 'matching-dev-v100000-0',
        VERSION: '1.0.0000',
        HEALTHY_CHECK_PORT: String(await freePort()),
      },
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, errors };
  }

  it('says so in a sentence when JetStream is off', async () => {
    const source = await findNats({ root: process.cwd(), binaryOnly: true });
    const port = await freePort();
    const nats = spawn(source.kind === 'binary' ? source.path : '', ['-a', '127.0.0.1', '-p', String(port)]);
    await new ChildOutput(nats).prints(/Server is ready/);
    const { code, errors } = await startMatching(`nats://127.0.0.1:${port}`);
    nats.kill('SIGKILL');
    expect(code).toBe(1);
    expect(errors).toMatch(/^NATS runs without JetStream: start it with "nats-server -js"[^\n]*\n$/);
  });

  it('says so in a sentence when JetStream is too small', async () => {
    const configuration = (port: number, folder: string): string =>
      `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${JSON.stringify(folder)}, max_file_store: 20M }`;
    const nats = await NatsServer.start({ ...(await natsOptions()), configuration });
    const { code, errors } = await startMatching(nats.address);
    await nats.destroy();
    expect(code).toBe(1);
    expect(errors).toMatch(/^NATS has no room for \w+ \(insufficient storage[^\n]*max_file_store[^\n]*\n$/);
  });
});

describe('a server whose NATS is slow at its start', () => {
  it('says what it waits for, and is ready when NATS is', async () => {
    const nats = await startGameNats();
    const operator = await connect({ servers: nats.address, maxReconnectAttempts: -1 });
    const asked = new Promise((resolve) => {
      operator.subscribe('$JS.API.STREAM.>', { callback: resolve });
    });
    await operator.flush();
    const server = await startServer({
      root: process.cwd(),
      serverType: 'matching',
      version: '1.0.0000',
      nats,
      logFolder: nats.folder,
    });
    await asked;
    nats.pause();
    // The pause may find the server at a stream's making or, a moment later, at its reading: each has its line.
    await server.process.untilLogged(/storage\.awaited|work\.retried.*"stream"/);
    nats.resume();
    await server.process.untilReady();
    await server.process.stop();
    await operator.close();
    await nats.destroy();
  });
});
