import { EventEmitter, once } from 'node:events';
import { Logger } from '@nestjs/common';
import { GameErrors } from '@ccgame/protocol';
import { RpcError } from '@ccgame/rpc';
import { hostileErrors } from '@ccgame/testing';
import type { Socket } from 'socket.io';
import { refusalOfUnknownKey } from '../../test/unknown-key.js';
import { refuseHandshake } from './refuse-handshake.js';

describe('a handshake that is refused', () => {
  const scene = (isSdk: boolean, error: unknown) => {
    const events = new EventEmitter();
    let isEnded = false;
    const socket = { conn: { close: () => (isEnded = true) } } as unknown as Socket;
    const refused = once(events, 'refused') as Promise<[Error & { data: object }, boolean]>;
    refuseHandshake(socket, isSdk, error, (refusal, isBad) => events.emit('refused', refusal, isBad));
    return { refused, isEnded: () => isEnded };
  };

  it.each(['GONE', 'TIMEOUT', 'INTERNAL', 'BUSY', 'NO_SERVER'])(
    'with %s, by the servers’ own failure, may be tried again, by any client',
    async (code) => {
      const sdk = scene(true, new RpcError(code));
      expect((await sdk.refused)[0].data).toMatchObject({ code, retryable: true });
      const plain = scene(false, new RpcError(code));
      await plain.refused;
      expect([sdk.isEnded(), plain.isEnded()]).toEqual([false, true]);
    },
  );

  it('by a mistake in a hook is logged, and may be tried again', async () => {
    const log = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const { refused } = scene(true, new TypeError('no'));
    expect((await refused)[0].data).toMatchObject({ code: 'INTERNAL', retryable: true });
    expect(log).toHaveBeenCalledTimes(1);
    log.mockRestore();
  });

  it.each(hostileErrors)('by a hook that throws %s may be tried again', async (_, make) => {
    const log = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    for (const isSdk of [true, false]) {
      const [refusal, isBad] = await scene(isSdk, make()).refused;
      expect([refusal.data, isBad]).toMatchObject([{ code: 'INTERNAL', retryable: true }, false]);
    }
    log.mockRestore();
  });

  it.each([
    ['FORBIDDEN', () => new RpcError('FORBIDDEN')],
    ['BANNED', () => GameErrors.BANNED()],
    ['UNAUTHENTICATED', () => GameErrors.UNAUTHENTICATED()],
    ['OF_THE_GAME', () => new RpcError('OF_THE_GAME')],
  ])('with %s is final', async (code, make) => {
    const plain = scene(false, make());
    expect((await plain.refused)[0].data).toMatchObject({ code, retryable: false });
    expect(plain.isEnded()).toBe(false);
  });

  it.each<[string, () => unknown, string, boolean]>([
    ['a token that is no good', () => GameErrors.UNAUTHENTICATED(), 'UNAUTHENTICATED', true],
    ['a key that nobody knows, which may be new', refusalOfUnknownKey, 'BUSY', true],
    ['an issuer that is away', () => new RpcError('BUSY'), 'BUSY', false],
  ])('for %s counts as a bad token where it is one, by any client', async (_, refusalOf, code, isBad) => {
    const error = await refusalOf();
    for (const isSdk of [true, false]) {
      const [refusal, counts] = await scene(isSdk, error).refused;
      expect([refusal.data, counts]).toMatchObject([{ code }, isBad]);
    }
  });
});
