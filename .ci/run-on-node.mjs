// Runs a script on another Node: `node .ci/run-on-node.mjs 24 dist/bench/connections/main.js [arguments]`.
import { environmentOfNode, runOrExit } from './node-of.mjs';

const [version = '24', ...script] = process.argv.slice(2);
runOrExit('node', script, environmentOfNode(version));
