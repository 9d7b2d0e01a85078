import { inTime } from './in-time.js';

describe('a game’s own code in a handshake', () => {
  it('may refuse, and refuses by itself when it never ends', async () => {
    expect(await inTime('hooks', Promise.resolve(1))).toBe(1);
    await expect(inTime('hooks', Promise.reject(new Error('no')))).rejects.toThrow('no');
    const stuck = inTime('hooks', new Promise(() => undefined), 20);
    await expect(stuck).rejects.toMatchObject({ code: 'BUSY', retryAfterMs: 1_000 });
  });
});
