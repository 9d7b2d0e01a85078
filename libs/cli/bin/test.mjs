import { prepare } from './prepare.mjs';
import { runJest } from './run-jest.mjs';

prepare();
const { prepareNats } = await import('../../dist/cli/src/dev/prepare-nats.js');
await prepareNats();
runJest(process.argv.slice(2));
