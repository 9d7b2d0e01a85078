import { runSimulation, simulationUsage, UsageError } from '@ccgame/matchmaker/pool';
import { modes } from './modes.js';

/** `npm run matching:simulate -- --mode ranked --players 100000 --arrivals poisson:50/s` */
try {
  runSimulation(modes, process.argv.slice(2), (text) => void process.stdout.write(text));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${simulationUsage}`);
  process.exitCode = 2;
}
