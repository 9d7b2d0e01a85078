import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { fastify } from 'fastify';
import { checkHeads } from './check-heads.js';

/** One by which its bytes are none of a header's own blanks, and none of a coding either. */
const blank = '\u00a0';

describe('the coding of a body', () => {
  const instance = fastify();
  checkHeads({
    getHttpAdapter: () => ({ getInstance: () => instance }),
  } as unknown as NestFastifyApplication);
  instance.post('/', () => ({}));
  afterAll(() => instance.close());

  const post = async (coding: string): Promise<number> => {
    const headers = { 'content-encoding': coding, 'content-type': 'application/json' };
    return (await instance.inject({ method: 'POST', url: '/', headers, payload: '{}' })).statusCode;
  };

  it.each([
    ['', 200],
    ['Identity', 200],
    [` identity${blank}`, 200],
    ['gzip', 415],
    ['identity, gzip', 415],
    ['identity identity', 415],
  ])('is looked at as a whole: "%s" is %d', async (coding, status) => {
    expect(await post(coding)).toBe(status);
  });

  it('takes no longer to look at where it is made of blanks', async () => {
    await post('gzip');
    const started = process.cpuUsage();
    for (let turn = 0; turn < 10; turn += 1) expect(await post(`${blank.repeat(15_000)}x`)).toBe(415);
    // A regular expression took 220 ms for each.
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(1_000);
  });
});
