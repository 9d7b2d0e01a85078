import { type HandlerContract, RpcError } from '@ccgame/rpc';
import type { ReleaseSession } from './session.js';
import { type ServerLabels, type ServerStats, surveyServers } from './survey.js';
import type { ServerInstance } from './targets/target.js';

/** A server that may be there and of which nothing is known. */
export interface SilentServer extends ServerLabels {
  /** In a clause: `TIMEOUT` */
  reason: string;
}

/** The answer of each server of a type. It is complete only when no server is silent. */
export interface Roll<R> {
  answers: Array<{ server: ServerLabels; data: R }>;
  silent: SilentServer[];
}

/** The servers that have to be heard: the servers that NATS knows and those that the target says run. */
export interface Roster {
  /** Those that said over NATS that they are there. */
  present: Array<ServerLabels & Pick<ServerStats, 'buildRevision' | 'podUid' | 'incarnation'>>;
  /** All whose answer is wanted. */
  expected: ServerLabels[];
}

type Session = Pick<ReleaseSession, 'operator' | 'target' | 'without'>;

/** A call to a server that hangs is given up after 1.75 s by itself; a second one is for a server that was only busy. */
const tries = 2;

/** @throws Error when NATS or the place where servers run can't be asked: that nobody was heard says nothing then */
export async function takeRoster(session: Session): Promise<Roster> {
  const { operator, target, without } = session;
  const [present, { instances }] = await operator.unbroken(() =>
    Promise.all([surveyServers(operator.nats), target.servers()]),
  );
  const heard = new Set(present.map(({ serverId }) => serverId));
  const others = instances.filter(({ serverId, state }) => state !== 'absent' && !heard.has(serverId));
  const wanted = [...present, ...others].filter(({ serverId }) => !without.includes(serverId));
  return {
    present: present.map(({ buildRevision, podUid, incarnation, ...server }) => ({
      ...labelsOf(server),
      buildRevision,
      podUid,
      incarnation,
    })),
    expected: wanted.map(labelsOf),
  };
}

/**
 * Asks each server of a contract's type by its id. A server counts as gone only when the target says that no process of it is
 * there, or NATS says that nobody listens and the target that it has not begun, or that its machine is lost.
 *
 * @throws NatsProblem when the connection broke meanwhile
 */
export function callRoll<P, R>(
  session: Session,
  roster: Roster,
  contract: HandlerContract<P, R>,
  payload: NoInfer<P>,
): Promise<Roll<R>> {
  return session.operator.unbroken(async () => {
    const asked = roster.expected.filter(({ serverType }) => serverType === contract.serverType);
    const roll: Roll<R> = { answers: [], silent: [] };
    await Promise.all(
      asked.map(async (server) => {
        try {
          roll.answers.push({ server, data: await ask(session, server, contract, payload) });
        } catch (error) {
          if (!(error instanceof RpcError)) throw error;
          roll.silent.push({ ...server, reason: error.code });
        }
      }),
    );
    roll.silent = await withoutTheGone(session, roll.silent);
    return roll;
  });
}

/** Several types at once, as of servers that all serve players. */
export async function callRolls<P, R>(
  session: Session,
  roster: Roster,
  contracts: ReadonlyArray<HandlerContract<P, R>>,
  payload: NoInfer<P>,
): Promise<Roll<R>> {
  const rolls = await Promise.all(contracts.map((contract) => callRoll(session, roster, contract, payload)));
  return {
    answers: rolls.flatMap(({ answers }) => answers),
    silent: rolls.flatMap(({ silent }) => silent),
  };
}

/** `connector-prod-v100000-1 (TIMEOUT) does not answer` */
export function silenceOf(silent: readonly SilentServer[]): string {
  const names = silent.map(({ serverId, reason }) => `${serverId} (${reason})`);
  return `${names.join(', ')} ${names.length === 1 ? 'does' : 'do'} not answer`;
}

async function ask<P, R>(
  { operator }: Session,
  { serverId }: ServerLabels,
  handler: HandlerContract<P, R>,
  payload: P,
): Promise<R> {
  for (let left = tries; ; left -= 1) {
    try {
      return await operator.calls.doRPC({ serverId, handler }, payload);
    } catch (error) {
      // All that the operator asks may be asked twice.
      const isHeldUp = error instanceof RpcError && ['GONE', 'TIMEOUT', 'BUSY'].includes(error.code);
      if (!isHeldUp || left <= 1) throw error;
    }
  }
}

async function withoutTheGone({ target }: Session, silent: SilentServer[]): Promise<SilentServer[]> {
  if (silent.length === 0) return silent;
  const { instances } = await target.servers();
  return silent.filter(({ serverId, reason }) => {
    const instance = instances.find((one) => one.serverId === serverId);
    return !isGone(instance, reason === 'NO_SERVER');
  });
}

function isGone(instance: ServerInstance | undefined, isUnknownToNats: boolean): boolean {
  if (!instance) return isUnknownToNats;
  if (instance.state === 'absent') return true;
  return isUnknownToNats && (instance.state === 'starting' || instance.lostNode !== undefined);
}

function labelsOf({ serverId, serverType, version }: ServerLabels): ServerLabels {
  return { serverId, serverType, version };
}

/** Asked several things, a server is silent several times. */
export function oneEach(silent: SilentServer[]): SilentServer[] {
  return [...new Map(silent.map((server) => [server.serverId, server])).values()];
}
