import { prepare } from './prepare.mjs';
import { runJest } from './run-jest.mjs';

prepare();
const { prepareNats } = await import('../dist/dev/prepare-nats.js');
await prepareNats();
runJest(process.argv.slice(2));
