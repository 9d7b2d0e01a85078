import { AddressBudgets } from './address-budgets.js';

describe('the budget of an address', () => {
  const budgets = new AddressBudgets({ connections: 2, rate: 10 });
  afterAll(() => budgets.close());

  it('lets five seconds’ worth of connections come at once, the next in turn, and no more than wait two seconds', () => {
    const budget = budgets.budgetOf({ key: 'a', isProxy: false });
    const waits = Array.from({ length: 80 }, () => budget.queueUp('webSocket'));
    expect(waits.slice(0, 50)).toEqual(new Array(50).fill(0));
    expect(waits[60]).toBeGreaterThan(900);
    expect(waits.filter((wait) => wait === undefined).length).toBeGreaterThan(5);
    expect(Math.max(...waits.map((wait) => wait ?? 0))).toBeLessThanOrEqual(2_000);
  });

  it('makes those wait who come after offences, and never refuses them for that alone', () => {
    const budget = budgets.budgetOf({ key: 'b', isProxy: false });
    for (let times = 0; times < 100; times += 1) budget.spendOffence('abuse');
    expect(budget.queueUp('webSocket')).toBeGreaterThan(500);
    expect(budget.queueUp('webSocket')).toBeLessThan(1_500);
  });

  it('makes the players of a proxy wait for no plain HTTP of it, and lets a tenth of it come with more than a head', () => {
    for (const [key, isLong, atOnce] of [
      ['e', false, 50],
      ['f', true, 5],
    ] as const) {
      const budget = budgets.budgetOf({ key, isProxy: true });
      const waits = Array.from({ length: 500 }, () => budget.queueUp('plainHttp', isLong));
      expect(waits.filter((wait) => wait === 0)).toHaveLength(atOnce);
      expect(waits.filter((wait) => wait !== undefined).length).toBeLessThan(2 * atOnce);
      expect(budget.queueUp('webSocket')).toBe(0);
    }
  });

  it('counts connections until they leave, and ten times as many of a proxy that names nobody', () => {
    const budget = budgets.budgetOf({ key: 'c', isProxy: false });
    expect([budget.enter(), budget.enter(), budget.enter()]).toEqual([true, true, false]);
    budget.connections -= 1;
    expect(budget.enter()).toBe(true);
    const proxy = budgets.budgetOf({ key: 'd', isProxy: true });
    expect(Array.from({ length: 21 }, () => proxy.enter()).filter(Boolean)).toHaveLength(20);
  });
});
