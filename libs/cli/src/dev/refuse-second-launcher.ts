import { findLauncher } from './dev-file.js';

/** @throws NatsProblem while another "npm start" or "npm run dev" runs in this folder */
export async function refuseSecondLauncher(root: string): Promise<void> {
  const other = await findLauncher(root);
  if (other.state !== 'answers' && other.state !== 'silent') return;
  const { NatsProblem } = await import('@ccgame/testing');
  throw NatsProblem.takenBy(other.dev.pid);
}
