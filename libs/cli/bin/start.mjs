import { prepare } from './prepare.mjs';

prepare();
const { main } = await import('../dist/dev/main.js');
await main(process.argv.slice(2));
