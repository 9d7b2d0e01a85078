import { withSession } from '../release/with-session.js';
import type { OperatorOptions } from './operator-options.js';
import type { OperatorSession } from './operator-session.js';

/** Finds the place by the rule of `ccgame release`, runs the work there, and closes what it opened. */
export async function withOperator(
  options: OperatorOptions,
  does: 'changes' | 'reads',
  work: (session: OperatorSession) => Promise<void>,
): Promise<void> {
  await withSession({ ...options, why: '' }, does, async (session) => {
    const { runOperator } = await import('./run-operator.js');
    await runOperator(session, work);
  });
}
