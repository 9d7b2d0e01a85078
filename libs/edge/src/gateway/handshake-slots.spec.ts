import { HandshakeSlots } from './handshake-slots.js';

const forever = new Promise<never>(() => undefined);
const busy = { code: 'BUSY', retryable: true, retryAfterMs: expect.any(Number) as number };

describe('the slots of handshakes', () => {
  it('are so many, and not taken while clients are waited for', async () => {
    const slots = new HandshakeSlots();
    for (let at = 0; at < 1_500; at += 1) void slots.takeSlot(() => slots.whileWaiting(() => forever));
    for (let at = 0; at < 1_000; at += 1) void slots.takeSlot(() => forever);
    await expect(slots.takeSlot(() => Promise.resolve())).rejects.toMatchObject(busy);
    expect(slots.underWay).toBe(2_500);
  });

  it('are given back after a handshake that fails', async () => {
    const slots = new HandshakeSlots();
    for (let at = 0; at < 1_001; at += 1)
      await expect(slots.takeSlot(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(slots.underWay).toBe(0);
  });

  it('has a player’s next handshake come back when the first is over', async () => {
    const slots = new HandshakeSlots();
    let end: () => void = () => undefined;
    const first = slots.takeTurn('ann', () => new Promise<void>((resolve) => (end = resolve)));
    await expect(slots.takeTurn('ann', () => Promise.resolve())).rejects.toMatchObject(busy);
    await slots.takeTurn('ben', () => Promise.resolve());
    end();
    await first;
    await slots.takeTurn('ann', () => Promise.resolve());
  });
});
