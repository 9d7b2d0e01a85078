import { HttpException, Logger } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import { RpcError } from '@ccgame/rpc';
import { hostileErrors } from '@ccgame/testing';
import { publicErrorOf } from './public-error.js';

const hostile = hostileErrors.map(([, make]) => make());
const refuse = (): never => {
  throw new Error('not to be looked at');
};

describe('the error that a player is told', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it.each(hostileErrors)('is INTERNAL where a gateway’s handler throws %s', (_, make) => {
    expect(publicErrorOf(make())).toMatchObject({ code: 'INTERNAL', retryable: false });
  });

  it.each([
    ['a WsException', (inside: unknown) => new WsException(inside as object)],
    ['a WsException with details', (n: unknown) => new WsException({ code: 'SHUT', n })],
    ['a WsException with a code', (code: unknown) => new WsException({ code })],
    ['an HttpException', (inside: unknown) => new HttpException(inside as object, 400)],
    ['an HttpException with messages', (one: unknown) => new HttpException({ message: [one] }, 400)],
    ['an HttpException with a status', (status: unknown) => new HttpException('x', status as number)],
    ['an RpcError with details', (details: unknown) => new RpcError('BUSY', { details })],
    ['an RpcError with a code', (code: unknown) => new RpcError(code as string)],
  ])('is one that JSON can hold, whatever is inside of %s', (_, wrap) => {
    for (const inside of [...hostile, { toString: refuse }]) {
      let thrown: unknown;
      try {
        thrown = wrap(inside);
      } catch (error) {
        // The exception itself can't be made of it: then this is thrown.
        thrown = error;
      }
      const told = publicErrorOf(thrown);
      expect(told.code).toMatch(/^[A-Z][A-Z0-9_]+$/);
      expect(JSON.parse(JSON.stringify(told))).toEqual({ ...told, code: told.code });
    }
  });
});
