import { EventEmitter } from 'node:events';
import { SocketWire } from './socket-wire.js';

/** A connection whose client reads nothing: all that is written waits. */
function unread() {
  const writeBuffer: { type: string; data: string }[] = [];
  return {
    readyState: 'open',
    writeBuffer,
    transport: { writable: false, socket: { bufferedAmount: 0 }, once: () => undefined },
    write: (data: string) => void writeBuffer.push({ type: 'message', data }),
    flush: () => undefined,
  };
}

type Write = (wire: SocketWire, conn: ReturnType<typeof unread>) => void;

describe('the pace of a client that reads nothing', () => {
  it.each<[string, Write]>([
    ['pushes', (wire) => wire.send('Push', `"${'x'.repeat(10_000)}"`)],
    [
      'acknowledgements, which socket.io writes',
      (wire, conn) => {
        conn.write(`31["${'x'.repeat(10_000)}"]`);
        wire.noteWritten();
      },
    ],
  ])('is too slow beyond a megabyte of %s', (_, write) => {
    const conn = unread();
    const wire = new SocketWire({ conn } as never);
    wire.afterWelcome();
    for (let count = 0; count < 100; count += 1) write(wire, conn);
    expect(wire.pace).toBe('slow');
    for (let count = 0; count < 10; count += 1) write(wire, conn);
    expect(wire.pace).toBe('too-slow');
  });
});

describe('the newest push behind a turn of many small packets', () => {
  it('leaves once engine.io has written them, as only its `ready` tells', async () => {
    const transport = Object.assign(new EventEmitter(), {
      writable: true,
      socket: { bufferedAmount: 0, _socket: { writableLength: 0, write: () => true } },
    });
    const flush = jest.fn(() => {
      conn.writeBuffer = [];
      transport.emit('ready');
    });
    const conn = {
      readyState: 'open',
      writeBuffer: [] as { type: string; data: string }[],
      packetsFn: [],
      transport,
      flush,
    };
    const wire = new SocketWire({ conn } as never);
    wire.afterWelcome();
    for (let count = 0; count < 1_001; count += 1) wire.send('Push', '1');
    const send = jest.spyOn(wire, 'send');
    wire.sendVolatile('{"route":"view","data":1}');
    expect(send).not.toHaveBeenCalled();
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(send).toHaveBeenCalledWith('Push', '{"route":"view","data":1}');
  });
});
