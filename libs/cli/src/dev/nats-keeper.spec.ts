import { createServer } from 'node:net';
import { type NatsServer, probeNats, startNats, untilHolds } from '@ccgame/testing';
import { NatsFolder } from './nats-folder.js';
import { NatsKeeper } from './nats-keeper.js';

describe('the launcher’s own nats-server', () => {
  let server: NatsServer;
  let keeper: NatsKeeper;
  const lines: string[] = [];
  let onLine: () => void;

  beforeEach(async () => {
    lines.length = 0;
    server = await startNats();
    onLine = () => {};
    keeper = new NatsKeeper(server, new NatsFolder(server.folder), (line) => {
      lines.push(line);
      onLine();
    });
  });
  afterEach(async () => {
    await keeper.stopServer();
    await server.destroy();
  });

  const untilTold = (what: string, times = 1): Promise<void> =>
    untilHolds(() => lines.filter((line) => line.includes(what)).length === times, { seen: () => lines });

  it('is started again at its port each time that it is killed', async () => {
    for (const turn of [1, 2]) {
      process.kill(server.pid ?? NaN, 'SIGKILL');
      await untilTold('is back', turn);
      expect(lines.slice(-2)).toEqual([
        '! nats-server died (SIGKILL); it is started again',
        `✓ nats-server is back  pid ${server.pid}`,
      ]);
      expect((await probeNats('127.0.0.1', server.port)).jetstream).toBe(true);
    }
  });

  it('is tried again while another process has its port', async () => {
    const other = createServer((socket) => socket.destroy());
    onLine = () => {
      if (lines.length === 1) other.listen(server.port, '127.0.0.1');
      else other.close();
    };
    process.kill(server.pid ?? NaN, 'SIGKILL');
    await untilTold('is back');
    expect(lines[1]).toContain('did not come back yet');
  });

  it('stays away when it is stopped', async () => {
    await keeper.stopServer();
    await expect(probeNats('127.0.0.1', server.port)).rejects.toThrow('ECONNREFUSED');
    expect(lines).toEqual([]);
  });
});
