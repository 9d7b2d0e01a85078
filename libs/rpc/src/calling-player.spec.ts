import { callingPlayer } from './calling-player.js';
import { rpcContext } from './context.js';

describe('the calling player', () => {
  it('is the one whom the connector names', () => {
    expect(rpcContext.run({ attributes: { uid: 'anna' } }, callingPlayer)).toBe('anna');
  });

  it('is asked of a player’s call alone', () => {
    expect(callingPlayer).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
    expect(() => rpcContext.run({ attributes: { session: 's' } }, callingPlayer)).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    );
  });
});
