import { SocketWire } from './socket-wire.js';
import { ToldPosition } from './told-position.js';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A connection that has something to write, at each ping, for as long as `isBusy`. */
function busyConnection() {
  const writeBuffer: { type: string; data: string }[] = [];
  const transport = { writable: false, socket: { bufferedAmount: 0 }, once: () => undefined };
  return {
    readyState: 'open',
    writeBuffer,
    transport,
    write: (data: string) => void writeBuffer.push({ type: 'message', data }),
    flush: () => undefined,
  };
}

describe('the position that a client is told with a ping', () => {
  function open(isSdk: boolean) {
    const conn = busyConnection();
    const wire = new SocketWire({ conn } as never);
    wire.afterWelcome();
    const recovery = isSdk ? undefined : {};
    return { conn, wire, position: new ToldPosition(wire, { isSdk, recovery }) };
  }

  it.each([
    [true, '2["Push",{"route":"session.position","data":{},"position":7}]'],
    [false, '2["Position","7"]'],
  ])('reaches one whose socket is never free, behind what it counts as sent (SDK: %s)', (isSdk, packet) => {
    const { conn, wire, position } = open(isSdk);
    wire.send('Push', '{"route":"view","data":1}');
    position.noteDelivered(7);
    for (let ping = 1; ping <= 3; ping += 1) expect(position.takeFrames()).toBeUndefined();
    expect(conn.writeBuffer).toHaveLength(1);
    expect(position.takeFrames()).toBeUndefined();
    expect(conn.writeBuffer.map(({ data }) => data)).toEqual(['2["Push",{"route":"view","data":1}]', packet]);
    // Once.
    for (let ping = 1; ping <= 5; ping += 1) expect(position.takeFrames()).toBeUndefined();
    expect(conn.writeBuffer).toHaveLength(2);
  });

  it('leaves with the first ping at which the socket is free', async () => {
    const { conn, position } = open(false);
    position.noteDelivered(7);
    expect(position.takeFrames()).toBeUndefined();
    conn.transport.writable = true;
    await nextTurn();
    expect(String(position.takeFrames())).toContain('42["Position","7"]');
    expect(position.takeFrames()).toBeUndefined();
  });

  it('waits for its own pings, and not for those before a push told it', () => {
    const { conn, position } = open(true);
    position.noteDelivered(7);
    for (let ping = 1; ping <= 3; ping += 1) position.takeFrames();
    position.beginAt(8);
    position.noteDelivered(9);
    for (let ping = 1; ping <= 3; ping += 1) expect(position.takeFrames()).toBeUndefined();
    expect(conn.writeBuffer).toEqual([]);
    position.takeFrames();
    expect(conn.writeBuffer).toHaveLength(1);
  });

  it('is not told where a push has told it', () => {
    const { conn, position } = open(true);
    position.noteDelivered(7);
    position.beginAt(8);
    for (let ping = 1; ping <= 5; ping += 1) expect(position.takeFrames()).toBeUndefined();
    expect(conn.writeBuffer).toEqual([]);
  });
});
