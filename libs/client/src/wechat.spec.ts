import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { untilHolds } from '@ccgame/testing';
import { WechatStandIn } from '../test/wechat-stand-in.js';
import { wechatPlatform } from './wechat.js';

describe('the sockets of a mini game', () => {
  it('that a server never answers are free again ten seconds later, though none of them can be closed', async () => {
    const connected: Socket[] = [];
    const silent = createServer((socket) => void connected.push(socket.on('error', () => {}).resume()));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    // Time alone is not the machine's: the sockets are real.
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const wx = new WechatStandIn();
    const { webSocket } = wechatPlatform(wx);
    if (!webSocket) throw new Error('no WebSocket');
    for (let tries = 0; tries < 5; tries += 1) new webSocket(url).close();
    const sixth = new webSocket(url);
    const failed = new Promise((resolve) => (sixth.onerror = resolve));
    await jest.advanceTimersByTimeAsync(9_900);
    expect(await failed).toMatchObject({ errMsg: expect.stringContaining('max concurrent') as string });
    expect(wx.sockets).toBe(5);
    await jest.advanceTimersByTimeAsync(200);
    jest.useRealTimers();
    await untilHolds(() => wx.sockets === 0);
    for (const socket of connected) socket.destroy();
    silent.close();
  });
});
