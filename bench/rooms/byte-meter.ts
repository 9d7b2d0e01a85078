import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** A TCP proxy before a server: counts what its clients get and send. */
export class ByteMeter {
  received = 0;
  sent = 0;

  private constructor(readonly port: number) {}

  static async before(serverPort: number): Promise<ByteMeter> {
    const proxy = createServer({ noDelay: true }, (client) => {
      const server = connect({ port: serverPort, host: '127.0.0.1', noDelay: true });
      client.on('data', (data) => {
        meter.sent += data.length;
        server.write(data);
      });
      server.on('data', (data) => {
        meter.received += data.length;
        client.write(data);
      });
      client.on('close', () => server.destroy()).on('error', () => server.destroy());
      server.on('close', () => client.destroy()).on('error', () => client.destroy());
    });
    proxy.listen(0, '127.0.0.1').unref();
    await once(proxy, 'listening');
    const meter = new ByteMeter((proxy.address() as AddressInfo).port);
    return meter;
  }
}
