import type { Case } from './case.js';
import { ClientProcess } from './client-process.js';
import { ScriptedServer } from './scripted-server.js';

export interface CaseResult {
  name: string;
  ms: number;
  /** The reason of a failed case; none: it passed. */
  problem?: string;
}

/** Plays the cases, some at a time, each to a client process of its own. */
export async function runCases(
  cases: readonly Case[],
  command: readonly string[],
  atOnce: number,
  tell: (result: CaseResult) => void,
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  const left = [...cases];
  const next = async (): Promise<void> => {
    for (let one = left.shift(); one; one = left.shift()) {
      const result = await runCase(one, command);
      results.push(result);
      tell(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  return results;
}

async function runCase(one: Case, command: readonly string[]): Promise<CaseResult> {
  const startedAt = performance.now();
  const server = await new ScriptedServer().open();
  const client = new ClientProcess(command);
  const result = (problem?: string): CaseResult => ({
    name: one.name,
    ms: Math.round(performance.now() - startedAt),
    problem,
  });
  try {
    await one.play(server, client);
    return result();
  } catch (error) {
    const seen = client.told.slice(-5).map((one) => JSON.stringify(one).slice(0, 200));
    return result([(error as Error).message, ...seen, client.problems].filter(Boolean).join('\n      '));
  } finally {
    client.end();
    server.close();
  }
}
