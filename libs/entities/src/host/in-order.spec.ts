import fc from 'fast-check';
import { inOrder } from './in-order.js';

describe('things in the order of their ids', () => {
  it('come as sorting has them', () => {
    const ids = fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 50 });
    fc.assert(
      fc.property(ids, (list) => {
        const found = [...inOrder(list.map((id) => ({ id })))].map(({ id }) => id);
        expect(found).toEqual([...list].sort((a, b) => (a < b ? -1 : 1)));
      }),
    );
  });

  it('are ordered no further than they are asked for', () => {
    const count = 10_000;
    let looks = 0;
    const things = Array.from({ length: count }, (_, index) => ({
      get id(): string {
        looks += 1;
        return `${(index * 7_919) % count}`.padStart(5, '0');
      },
    }));
    const page: string[] = [];
    for (const { id } of inOrder(things)) if (page.push(id) === 20) break;
    expect(page).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`.padStart(5, '0')));
    // To sort them takes a quarter of a million.
    expect(looks).toBeLessThan(8 * count);
  });
});
