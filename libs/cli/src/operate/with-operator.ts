import { withSession } from '../release/with-session.js';
import type { OperatorOptions } from './operator-options.js';
import type { OperatorSession } from './operator-session.js';

/**
 * Finds the place by the rule of `ccgame release`, runs the work there, and closes what it opened.
 *
 * @param load imports what the work needs
 */
export async function withOperator<Loaded>(
  options: OperatorOptions,
  does: 'changes' | 'reads',
  load: () => Promise<Loaded>,
  work: (session: OperatorSession, loaded: Loaded) => Promise<void>,
): Promise<void> {
  await withSession(
    { ...options, why: '' },
    does,
    () => Promise.all([import('./run-operator.js'), load()]),
    (session, [{ runOperator }, loaded]) => runOperator(session, (operator) => work(operator, loaded)),
  );
}
