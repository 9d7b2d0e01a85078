import { TokenTable } from './token-table.js';

describe('a table of questions', () => {
  it('knows each by its token until it is answered, however many there are and however long one takes', () => {
    const table = new TokenTable<string>();
    const slow = table.nextToken();
    table.addEntry(slow, 'slow');
    for (let round = 0; round < 3; round += 1) {
      const tokens = Array.from({ length: 2_000 }, (_, index) => {
        const token = table.nextToken();
        table.addEntry(token, `${round}-${index}`);
        return token;
      });
      expect(table.entries().map(([token]) => token)).toEqual([slow, ...tokens]);
      expect(tokens.map((token) => table.get(token)).at(-1)).toBe(`${round}-1999`);
      for (const token of tokens) expect(table.delete(token)).toBe(true);
    }
    expect(table.entries()).toEqual([[slow, 'slow']]);
    expect([table.get(NaN), table.delete(slow), table.delete(slow), table.size]).toEqual([
      undefined,
      true,
      false,
      0,
    ]);
  });
});
