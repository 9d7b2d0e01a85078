import { PlayerHandshakes } from './player-handshakes.js';

/** How many of so many handshakes are let in, one each `everyMs`. */
function letIn(
  handshakes: PlayerHandshakes,
  playerId: string,
  count: number,
  everyMs: number,
  from = 0,
): number {
  let good = 0;
  for (let index = 0; index < count; index += 1) {
    try {
      handshakes.spendHandshake(playerId, from + index * everyMs);
      good += 1;
    } catch (error) {
      expect(error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) });
    }
  }
  return good;
}

describe('the budget of a player’s handshakes', () => {
  it('lets twenty come at once and then one a second, and no other player waits for it', () => {
    const handshakes = new PlayerHandshakes();
    expect(letIn(handshakes, 'loop', 1_000, 10)).toBe(29);
    expect(letIn(handshakes, 'other', 1, 0, 10_000)).toBe(1);
  });

  it('says when the next one may come, and lets it in then', () => {
    const handshakes = new PlayerHandshakes();
    letIn(handshakes, 'loop', 20, 0);
    let retryAfterMs = 0;
    try {
      handshakes.spendHandshake('loop', 0);
    } catch (error) {
      ({ retryAfterMs } = error as { retryAfterMs: number });
    }
    expect(retryAfterMs).toBe(1_000);
    expect(() => handshakes.spendHandshake('loop', retryAfterMs)).not.toThrow();
  });

  it('is forgotten when it is whole again, and not before', () => {
    const handshakes = new PlayerHandshakes();
    for (let index = 0; index < 5_000; index += 1) handshakes.spendHandshake(`p${index}`, index);
    expect(handshakes.playerCount).toBe(5_000);
    handshakes.spendHandshake('late', 22_000);
    expect(handshakes.playerCount).toBeLessThanOrEqual(3_001);
    letIn(handshakes, 'loop', 20, 0, 30_000);
    expect(letIn(handshakes, 'loop', 1, 0, 30_500)).toBe(0);
    handshakes.spendHandshake('late', 60_000);
    expect(handshakes.playerCount).toBe(1);
  });
});
