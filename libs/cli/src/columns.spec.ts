import { stripVTControlCharacters } from 'node:util';
import { columns } from './columns.js';

it('two hundred thousand rows are written as well as two', () => {
  const rows = Array.from({ length: 200_000 }, (_, index) => [`${index}`, 'ban']);
  const lines = stripVTControlCharacters(columns([['when', 'what'], ...rows])).split('\n');
  expect(lines).toHaveLength(200_001);
  expect([lines[0], lines[1], lines[200_000]]).toEqual(['when    what', '0       ban', '199999  ban']);
});
