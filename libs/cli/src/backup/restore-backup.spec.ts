import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUpStreams } from '@ccgame/jetstream';
import { type NatsServer, startNats } from '@ccgame/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { restoreInto } from './restore-backup.js';

const nobody = { servers: () => Promise.resolve({ counts: [], instances: [] }) };

describe('a restore', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-restore-'));
  let server: NatsServer;
  let nats: NatsConnection;

  beforeAll(async () => {
    server = await startNats();
    nats = await connect({ servers: server.address });
  });
  afterAll(async () => {
    await nats.close();
    await server.destroy();
    rmSync(folder, { recursive: true });
  });

  it('that a person ends says what is missing then, and how to go on', async () => {
    const { streams } = await jetstreamManager(nats);
    for (const name of ['A', 'B', 'C']) await streams.add({ name, subjects: [`${name}.*`] });
    const backup = join(folder, 'backup');
    await backUpStreams(nats, backup);
    const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const listeners = process.listenerCount('SIGINT');
    const request = nats.request.bind(nats);
    jest.spyOn(nats, 'request').mockImplementation((subject, ...more) => {
      // Deleted, and about to be copied.
      if (subject.endsWith('STREAM.RESTORE.B')) process.emit('SIGINT', 'SIGINT');
      return request(subject, ...more);
    });

    await restoreInto(nats, backup, { replace: true }, nobody);
    const text = said.mock.calls.join('');
    const codes = exit.mock.calls;
    jest.restoreAllMocks();

    expect(codes).toEqual([[130]]);
    expect(text).toContain('B could not be restored (SIGINT) and may be missing now.');
    expect(text).toContain('again with --only B,C.');
    expect(process.listenerCount('SIGINT')).toBe(listeners);
  });
});
