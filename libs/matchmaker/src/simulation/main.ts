import { usage, UsageError } from './options.js';
import { runSimulation } from './run-simulation.js';

/** `npm run matching:simulate -- --mode ranked --players 100000 --arrivals poisson:50/s` */
try {
  runSimulation(process.argv.slice(2), (text) => void process.stdout.write(text));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
