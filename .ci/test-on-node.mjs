// Runs the whole suite on another Node: `node .ci/test-on-node.mjs 24 [arguments of Jest]`.
import { join } from 'node:path';
import { environmentOfNode, runOrExit } from './node-of.mjs';

const [version = '24', ...jestArguments] = process.argv.slice(2);
const env = environmentOfNode(version);
runOrExit('node', ['--print', '`Node ${process.version}`'], env);
runOrExit('node', [join('libs', 'cli', 'bin', 'ccgame.mjs'), 'test', ...jestArguments], env);
