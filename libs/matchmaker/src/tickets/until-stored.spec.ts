import { NotStored } from '@ccgame/jetstream';
import type { TicketStore } from '../store/ticket-store.js';
import { untilStored } from './until-stored.js';

const attempt = () => Promise.resolve({ write: [], then: 'stored' });

/** A store that refuses each write so. */
function storeThat(error: Error): TicketStore {
  return { health: { connected: true }, writeBatch: () => Promise.reject(error) } as unknown as TicketStore;
}

describe('a write of tickets', () => {
  it('is BUSY, to be tried again, where the stream is full', async () => {
    const full = storeThat(new NotStored('refused', 'maximum bytes exceeded', 10077));
    await expect(untilStored(full, attempt)).rejects.toMatchObject({
      code: 'BUSY',
      retryable: true,
      retryAfterMs: 1_000,
    });
  });

  it.each([
    ['the leader of the stream is new', 10163],
    ['more waits to be stored than the stream holds back', 10167],
  ])('is made again where NATS does not take it just then, as %s', async (reason, code) => {
    const writeBatch = jest.fn(() => Promise.resolve(7));
    writeBatch.mockRejectedValueOnce(new NotStored('refused', reason, code));
    const store = { health: { connected: true }, writeBatch } as unknown as TicketStore;
    expect(await untilStored(store, attempt)).toBe('stored');
    expect(writeBatch).toHaveBeenCalledTimes(2);
  });

  it('is not to be tried again where the same would be refused once more', async () => {
    const tooLarge = new NotStored('refused', 'message size exceeds maximum allowed', 10054);
    await expect(untilStored(storeThat(tooLarge), attempt)).rejects.toBe(tooLarge);
  });

  it('fails with what else is thrown', async () => {
    const broken = storeThat(new TypeError('no'));
    await expect(untilStored(broken, attempt)).rejects.toBeInstanceOf(TypeError);
  });
});
