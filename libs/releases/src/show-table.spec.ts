import { metrics } from './metrics.js';
import { showTable } from './show-table.js';
import type { ReleaseTable } from './table.js';

it('The metrics have the versions of a table that are not retired, however many came before', async () => {
  const retired = Array.from({ length: 1_000 }, (_, day) => [`1.0.${day}`, { group: 'a', state: 'retired' }]);
  const versions = {
    ...Object.fromEntries(retired),
    '2.0.0000': { group: 'a', state: 'live' },
    '2.0.0001': { group: 'a', state: 'draining' },
  };
  showTable({ stable: '2.0.0000', versions, canaries: [] } as unknown as ReleaseTable);
  const { values } = await metrics.versions.get();
  expect(values.map(({ labels }) => labels)).toEqual([
    { release_version: '2.0.0000', state: 'live', role: 'stable' },
    { release_version: '2.0.0001', state: 'draining', role: 'none' },
  ]);
});
