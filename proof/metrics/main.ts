import { readFileSync, writeFileSync } from 'node:fs';
import 'reflect-metadata';
import { listDeclaredMetrics } from './declared-metrics.js';
import { metricsPage, withMetrics } from './metrics-page.js';

// `npm run docs:metrics`: writes the list of metrics into their page.
writeFileSync(metricsPage, withMetrics(readFileSync(metricsPage, 'utf8'), await listDeclaredMetrics()));
