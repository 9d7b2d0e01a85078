import { parseArgs } from 'node:util';
import { startDescribedServer } from './described-server.js';
import { installSchemathesis, runSchemathesis } from './schemathesis.js';

/**
 * `npm run test:openapi`: schemathesis with all of its checks against a running http server and the OpenAPI document that it gives.
 * Exit code 1 when one of them finds anything.
 */
const { values } = parseArgs({
  options: {
    /** Requests that are made up for each operation. */
    examples: { type: 'string', default: '100' },
    /** Another seed makes up other requests. */
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

const program = installSchemathesis();
const server = await startDescribedServer();
let found = 0;
try {
  for (const names of ['made up', 'planted'] as const) {
    process.stdout.write(`\n• names that are ${names}, seed ${values.seed}\n`);
    const isClean = runSchemathesis(program, server, {
      examples: Number(values.examples),
      seed: Number(values.seed),
      parameters: names === 'planted' ? server.planted : {},
    });
    found += isClean ? 0 : 1;
  }
} finally {
  await server.stop();
}
process.stdout.write(found === 0 ? '\nschemathesis found nothing.\n' : '\nschemathesis found something.\n');
process.exit(found === 0 ? 0 : 1);
