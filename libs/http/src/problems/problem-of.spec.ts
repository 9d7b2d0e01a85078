import { HttpException } from '@nestjs/common';
import { defineErrors, RpcError } from '@ccgame/rpc';
import { hostileErrors } from '@ccgame/testing';
import { problemOf } from './problem-of.js';

const errors = defineErrors({
  SHOP_SHUT: { message: 'For the log alone', status: 423, retryable: true },
  SHOP_BARE: { message: 'For the log alone' },
});

describe('an error of a game over HTTP', () => {
  it('is answered with the status that is declared, its details, and not its text', () => {
    const details = { detail: 'Come back at nine.', opensAt: 9 };
    expect(problemOf(errors.SHOP_SHUT({ details }))).toEqual({
      type: 'about:blank',
      title: 'Locked',
      status: 423,
      code: 'SHOP_SHUT',
      retryable: true,
      detail: 'Come back at nine.',
      details: { opensAt: 9 },
    });
  });

  it('is answered without details that JSON can not hold', () => {
    expect(problemOf(errors.SHOP_SHUT({ details: { n: 1n } }))).not.toHaveProperty('details');
  });

  it('is a 400 where none is declared', () => {
    expect(problemOf(errors.SHOP_BARE())).toMatchObject({ status: 400, code: 'SHOP_BARE', retryable: false });
  });
});

describe('whatever a handler throws', () => {
  it.each(hostileErrors)('%s is answered with 500, and an incident', (_, make) => {
    expect(problemOf(make())).toMatchObject({ status: 500, code: 'INTERNAL', incident: expect.any(String) });
  });

  it.each(hostileErrors)('%s inside of an error is answered with what JSON can hold', (_, make) => {
    const thrown = [
      new HttpException('x', make() as number),
      new RpcError('BUSY', { details: make() }),
      Object.assign(new Error('x'), { statusCode: make() }),
      { statusCode: 404, message: make() },
    ];
    for (const problem of thrown.map((error) => problemOf(error)))
      expect(JSON.parse(JSON.stringify(problem))).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/) });
  });
});
