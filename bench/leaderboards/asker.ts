import { askBoards } from './boards-questions.js';
import { type Load, percentiles, type Question, questions, randomPlayer, spread, warmUpMs } from './load.js';
import { askRedis } from './redis-questions.js';

/** The answers' times, of one run. */
export interface Asked {
  readMs: Record<Question, ReturnType<typeof percentiles>>;
  medianSecondMs: number;
}

/** The server that is asked, and how much. */
export interface AskOptions {
  whom: 'boards' | 'redis';
  port: number;
  load: Load;
}

/**
 * A process of its own that does nothing but ask: in that of the writes a question would wait for these, and be told as slow. It is
 * given {@link AskOptions}, and gives {@link Asked} back.
 */
process.once('message', (options: AskOptions) => {
  void askAll(options).then((asked) => process.send?.(asked, () => process.exit(0)));
});

async function askAll({ whom, port, load }: AskOptions): Promise<Asked> {
  const ask = whom === 'boards' ? askBoards(port) : askRedis(port);
  const times: Record<Question, number[]> = { top: [], around: [], rank: [] };
  const bySecond: number[][] = [];
  const all: Promise<void>[] = [];
  const startedAt = performance.now();
  const time = async (question: Question): Promise<void> => {
    const sentAt = performance.now();
    await ask(question, randomPlayer(load));
    const tookMs = performance.now() - sentAt;
    const measuredMs = sentAt - startedAt - warmUpMs;
    if (measuredMs < 0) return;
    times[question].push(tookMs);
    (bySecond[Math.floor(measuredMs / 1_000)] ??= []).push(tookMs);
  };
  await spread(load.readsPerSecond, warmUpMs + load.seconds * 1_000, (index) => {
    all.push(time(questions[index % questions.length]));
  });
  await Promise.all(all);
  return {
    readMs: {
      top: percentiles(times.top),
      around: percentiles(times.around),
      rank: percentiles(times.rank),
    },
    medianSecondMs: percentiles(bySecond.map((one) => percentiles(one).p99)).p50,
  };
}
