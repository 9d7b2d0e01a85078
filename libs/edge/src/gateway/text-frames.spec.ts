import { WebSocket, WebSocketServer } from 'ws';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { textFrames } from './text-frames.js';

describe('text frames', () => {
  it('are read by a WebSocket client as the messages they were, of every length that a header tells apart', async () => {
    const texts = ['', 'a', 'x'.repeat(124), 'x'.repeat(125), 'ü€😀', 'y'.repeat(65_534), 'z'.repeat(65_535)];
    const server = new WebSocketServer({ port: 0 });
    server.on('connection', (_socket, request) => {
      const frames = textFrames(texts.map((data) => ({ type: 'message', data })));
      if (frames) request.socket.write(frames);
    });
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const got: string[] = [];
    await new Promise<void>((resolve, reject) => {
      client.once('error', reject);
      client.on('message', (data: Buffer, isBinary) => {
        expect(isBinary).toBe(false);
        if (got.push(data.toString()) === texts.length) resolve();
      });
    });
    expect(got).toEqual(texts.map((text) => `4${text}`));
    client.terminate();
    server.close();
    await once(server, 'close');
  });

  it('are left to engine.io where one of the packets is none of text', () => {
    const message = { type: 'message', data: 'x' };
    expect(textFrames([message, { type: 'ping' }])).toBeUndefined();
    expect(textFrames([message, { type: 'message', data: Buffer.from('x') }])).toBeUndefined();
  });
});
