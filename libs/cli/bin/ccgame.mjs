#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const entry = join(root, 'dist', 'cli', 'src', 'ccgame.js');
if (!existsSync(entry)) {
  process.stderr.write('ccgame is not built yet; run "npm run build" first.\n');
  process.exit(1);
}
const { main } = await import(entry);
await main(process.argv.slice(2));
