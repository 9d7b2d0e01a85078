import { EventEmitter } from 'node:events';
import { watchHandshakes } from './watch-handshakes.js';

/** A connection as engine.io gives it. */
class Engine extends EventEmitter {
  request: object | null = { socket: {} };
  isClosed = false;

  close(): void {
    this.isClosed = true;
  }
}

describe('a connection', () => {
  /** Whether it is closed where it sends this behind its handshake. */
  function isClosedBy(...packets: string[]): boolean {
    const engines = new EventEmitter();
    const connection = {
      carryEngine: () => undefined,
      receivePong: () => undefined,
      beginHandshake: () => true,
    };
    watchHandshakes(
      { engine: engines } as never,
      { connectionOf: () => connection } as never,
      { addConnection: () => undefined } as never,
    );
    const engine = new Engine();
    engines.emit('connection', engine);
    engine.emit('packet', { type: 'message', data: '0{"token":"t"}' });
    expect(engine.isClosed).toBe(false);
    // It was read.
    engine.request = null;
    for (const data of packets) engine.emit('packet', { type: 'message', data });
    return engine.isClosed;
  }

  const placeholder = '{"_placeholder":true,"num":0}';

  it.each([
    ['a second handshake', '0{"token":"t"}'],
    ['one that begins with what socket.io takes for a 0', ' {"token":"t"}'],
    ['one that begins with a byte order mark', '\ufeff{"token":"t"}'],
    ['what is no packet', '7["x"]'],
    ['a packet that waits for two attachments', `52-["x",${placeholder}]`],
    ['an acknowledgement that waits for ten', `610-1[${placeholder}]`],
    ['a long packet that waits for one', `51-["x","${'x'.repeat(5_000)}",${placeholder}]`],
  ])('ends at %s', (_, packet) => {
    expect(isClosedBy(packet)).toBe(true);
  });

  it('is known by engine.io’s socket, whose request is forgotten', () => {
    const engines = new EventEmitter();
    const connection = { carryEngine: () => undefined };
    const door = { connectionOf: () => connection };
    const beats = { addConnection: () => undefined };
    const connectionOf = watchHandshakes({ engine: engines } as never, door as never, beats as never);
    const engine = new Engine();
    engines.emit('connection', engine);
    engine.request = null;
    door.connectionOf = () => {
      throw new Error('It has ended');
    };
    expect(connectionOf(engine)).toBe(connection);
  });

  it.each([
    ['an event', '2["Request",{}]'],
    ['a long event', `2["Request","${'5'.repeat(60_000)}"]`],
    ['a short packet that waits for one attachment', `51-["Request",${placeholder}]`],
  ])('goes on at %s', (_, packet) => {
    expect(isClosedBy(packet, packet)).toBe(false);
  });
});
