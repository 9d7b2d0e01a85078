import { writeFileSync } from 'node:fs';
import { dashboardFiles } from './dashboard-files.js';

// `npm run dashboards`: writes what Grafana imports.
for (const [path, text] of dashboardFiles()) writeFileSync(path, text);
