import type { HandlerContract } from '@ccgame/rpc';
import { callRoll, callRolls, type Roll, type Roster, takeRoster } from '../release/roll-call.js';
import type { ReleaseSession } from '../release/session.js';

type Session = Pick<ReleaseSession, 'operator' | 'target' | 'without'>;

/** Asks every server of a contract's type. */
export async function askType<P, R>(
  session: Session,
  contract: HandlerContract<P, R>,
  payload: NoInfer<P>,
): Promise<Roll<R>> {
  return callRoll(session, await takeRoster(session), contract, payload);
}

/** Asks one server. */
export async function askServer<P, R>(
  session: Session,
  server: Roster['expected'][number],
  contract: HandlerContract<P, R>,
  payload: NoInfer<P>,
): Promise<Roll<R>> {
  return callRoll(session, { present: [], expected: [server] }, contract, payload);
}

/** Asks the servers of all types. One that is there and has no such handler has nothing to tell. */
export async function askAll<P, R>(
  session: Session,
  contractOf: (serverType: string) => HandlerContract<P, R>,
  payload: NoInfer<P>,
): Promise<Roll<R>> {
  const roster = await takeRoster(session);
  const types = [...new Set(roster.expected.map(({ serverType }) => serverType))];
  const roll = await callRolls(session, roster, types.map(contractOf), payload);
  const present = new Set(roster.present.map(({ serverId }) => serverId));
  const silent = roll.silent.filter(
    ({ serverId, reason }) => reason !== 'NO_SERVER' || !present.has(serverId),
  );
  return { ...roll, silent };
}
