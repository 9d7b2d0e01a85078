import { Logger } from '@nestjs/common';
import { register } from 'prom-client';

const log = new Logger('metrics');

/** All metrics, as Prometheus reads them. One that can't be collected, as a game's own may throw, doesn't keep the others back. */
export async function readMetrics(): Promise<string> {
  try {
    return await register.metrics();
  } catch {
    const names = register.getMetricsAsArray().map(({ name }) => name);
    const texts = await Promise.all(names.map(readMetric));
    return `${texts.filter((text) => text !== undefined).join('\n\n')}\n`;
  }
}

async function readMetric(name: string): Promise<string | undefined> {
  try {
    return await register.getSingleMetricAsString(name);
  } catch (error) {
    log.error({ event: 'metrics.not-collected', metric: name, err: error });
    return undefined;
  }
}
