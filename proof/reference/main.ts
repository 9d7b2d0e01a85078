import { readFileSync, writeFileSync } from 'node:fs';
import 'reflect-metadata';
import { referencePages } from './reference-pages.js';

// `npm run docs:reference`: writes what is made from the code into its pages.
for (const [path, rewrite] of Object.entries(referencePages))
  writeFileSync(path, await rewrite(readFileSync(path, 'utf8')));
