import { Handshake, type HandshakeResult } from './handshake.js';

describe('a handshake of socket.io’s recovery', () => {
  const tokens = { verify: () => ({ playerId: 'ann', expiresAt: Date.now() + 60_000 }) };
  const handshake = new Handshake(tokens, { pinVersion: () => '1.0.0000' } as never);
  const read = (auth: object): Promise<HandshakeResult> =>
    handshake.readHandshake({
      handshake: { auth: { token: 't', ...auth }, headers: {}, query: {} },
    } as never);

  it('has the place that its client comes with', async () => {
    const { recovery, resume } = await read({ pid: 'Zm9v.17', offset: '20' });
    expect([recovery, resume]).toEqual([{ pid: 'Zm9v.17' }, { session: 'Zm9v', position: 20 }]);
  });

  it.each([
    [undefined],
    [{ a: 1 }],
    [Array.from({ length: 10_000 }, () => ({}))],
    ['x'.repeat(40_000)],
    [`Zm9v.${'9'.repeat(40_000)}`],
  ])('keeps nothing of a place that is none', async (pid) => {
    const { recovery, resume } = await read({ pid, offset: '20' });
    expect([recovery, resume]).toEqual([{}, undefined]);
  });

  it('is none where the client has the SDK, or asks for none', async () => {
    for (const auth of [{ protocol: 1 }, { recovery: false }])
      expect((await read({ pid: 'Zm9v.17', ...auth })).recovery).toBeUndefined();
  });
});
