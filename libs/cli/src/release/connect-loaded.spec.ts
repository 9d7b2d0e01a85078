import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { freePort, type NatsServer, NatsProblem, startNats } from '@ccgame/testing';
import { connectLoaded } from './connect-loaded.js';

describe('a command that loads for long', () => {
  let nats: NatsServer;
  let counted: Server;
  let open = 0;
  beforeAll(async () => {
    nats = await startNats();
    counted = createServer((socket) => {
      open += 1;
      const upstream = connect(Number(new URL(nats.address).port), '127.0.0.1');
      socket.on('error', () => {}).on('close', () => upstream.destroy());
      upstream
        .on('error', () => {})
        .on('close', () => {
          open -= 1;
          socket.destroy();
        });
      socket.pipe(upstream).pipe(socket);
    });
    await once(counted.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(async () => {
    counted?.close();
    await nats?.destroy();
  });

  it('has no connection meanwhile that NATS could find stale', async () => {
    const address = new URL(nats.address);
    address.port = String((counted.address() as AddressInfo).port);
    const { nats: connection, loaded } = await connectLoaded({ natsAddress: address.href }, async () => {
      while (open > 0) await new Promise((resolve) => setImmediate(resolve));
      return 'libraries';
    });
    expect(loaded).toBe('libraries');
    expect(open).toBe(1);
    await connection.close();
  });

  it('does not load where no NATS answers', async () => {
    const load = jest.fn();
    const natsAddress = `nats://127.0.0.1:${await freePort()}`;
    const connecting = connectLoaded({ natsAddress }, load);
    await expect(connecting).rejects.toThrow(NatsProblem);
    await expect(connecting).rejects.toThrow(/does not answer \(.*\)\. No game runs here: say npm start/);
    expect(load).not.toHaveBeenCalled();
    // Another "npm start" would be refused.
    const besideOne = connectLoaded({ natsAddress, launcherPid: 4711 }, load);
    await expect(besideOne).rejects.toThrow(/"npm start" \(process 4711\) uses it too/);
  });
});
