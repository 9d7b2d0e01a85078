import { StopSignals, stopSignals } from '@ccgame/server/stop';
import { type DevCommand, parseDevOptions } from './options.js';
import { paint } from '../paint.js';
import { explainProblem } from './problem.js';
import { startStack } from './start-stack.js';
import { Steps } from './steps.js';
import { withUsualServers } from './usual-servers.js';

/** `npm start`: the whole backend on one machine, and a game played on it. `npm run dev`: the same, which follows the sources. */
export async function main(args: string[], command: DevCommand = 'start'): Promise<void> {
  const options = parseDevOptions(args, command);
  const closers: Array<() => Promise<void>> = [];
  const stop = async (code: number): Promise<never> => {
    // In the reverse of the order of starting; NATS last, as the servers say good-bye over it.
    for (const close of closers.splice(0).reverse()) await close().catch(() => {});
    process.exit(code);
  };
  const steps = new Steps();
  let stopping = false;
  const signals = new StopSignals();
  const onSignal = (): void => {
    const meaning = signals.receive();
    if (meaning === 'force') process.exit(1);
    if (meaning !== 'stop') return;
    stopping = true;
    steps.stop();
    process.stdout.write('\nstopping …\n');
    void stop(options.once ? 1 : 0);
  };
  // A terminal that closed takes no more lines, and what was started is stopped all the same.
  process.once('SIGHUP', () => {
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  });
  for (const signal of stopSignals) process.on(signal, onSignal);
  try {
    await startStack(withUsualServers(options, command), command === 'dev', steps, closers);
  } catch (error) {
    if (stopping) return;
    process.stderr.write(`${paint('red', explainProblem(error), process.stderr)}\n`);
    await stop(1);
  }
  if (options.once) await stop(0);
}
