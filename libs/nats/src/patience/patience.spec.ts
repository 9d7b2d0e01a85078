import { AsyncLocalStorage } from 'node:async_hooks';
import { Patience } from './patience.js';

it('the rounds of a wait have nothing of the call that waits first', async () => {
  const caller = new AsyncLocalStorage<string>();
  const seen = await new Promise<string | undefined>((resolve) => {
    const patience = new Patience(1_000, () => {
      patience.rest();
      resolve(caller.getStore());
    });
    caller.run('anna', () => patience.watch());
  });
  expect(seen).toBeUndefined();
});

it('sixteen questions whose answers are late are asked again in a round, and those left in the next one', async () => {
  const rounds: number[] = [];
  await new Promise<void>((resolve) => {
    const patience = new Patience(60_000, (now) => {
      const spent = Array.from({ length: 20 }, () => patience.spendRepeat(now - 10_000, now));
      rounds.push(spent.filter(Boolean).length);
      expect(patience.spendRepeat(now - 499, now)).toBe(false);
      if (rounds.length < 2) return;
      patience.rest();
      resolve();
    });
    patience.watch();
  });
  expect(rounds).toEqual([16, 16]);
});
