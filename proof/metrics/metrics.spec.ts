import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { listDeclaredMetrics, registeredNames } from './declared-metrics.js';
import { metricsPage, withMetrics } from './metrics-page.js';

const readText = (path: string): string => readFileSync(path, 'utf8');

describe('the metrics', () => {
  it('are all on their page: `npm run docs:metrics` writes it', async () => {
    const page = readText(metricsPage);
    expect(withMetrics(page, await listDeclaredMetrics())).toBe(page);
  });

  it('are declared in the file metrics.ts of each library, and nowhere else', async () => {
    const declared = [...(await listDeclaredMetrics()).values()].flat().map(({ name }) => name);
    expect(declared.sort()).toEqual(registeredNames().sort());
    const sources = execFileSync('git', ['ls-files', 'libs/*.ts', 'apps/*.ts'], { encoding: 'utf8' }).split(
      '\n',
    );
    const elsewhere = sources.filter(
      (path) =>
        /^[^.]+\.ts$/.test(path) &&
        !path.endsWith('/src/metrics.ts') &&
        existsSync(path) &&
        /new (Counter|Gauge|Histogram|Summary)\(/.test(readText(path)),
    );
    expect(elsewhere).toEqual([]);
  });

  it('have one prefix, base units, and few labels', async () => {
    for (const { name, type, labels } of [...(await listDeclaredMetrics()).values()].flat()) {
      expect(name).toMatch(/^ccgame_[a-z]+(_[a-z]+)+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      if (type === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/);
      expect(name).not.toMatch(/_(ms|millis|milliseconds|kb|mb)(_|$)/);
      expect(labels.length).toBeLessThanOrEqual(3);
      // Each player, session, room or message would be a time series of its own. At most ten rooms over their budget are named at a time.
      if (name === 'ccgame_rooms_over_budget_seconds') continue;
      expect(labels.filter((label) => /player|uid|session$|room|ticket|id$/.test(label))).toEqual([]);
    }
  });
});
