import { connectorHandlers } from '@ccgame/edge/operations';
import { RpcError } from '@ccgame/rpc';
import { askServer } from './ask-servers.js';
import { findRecord } from './find-record.js';
import { silenceOf } from '../release/roll-call.js';
import type { OperatorSession } from './operator-session.js';
import { durationText, type Findings } from './show.js';

/** The options of the commands that act on one player. */
export interface ActOptions {
  reason: string;
  /** Seconds; left out: until it is lifted. */
  for?: number;
  /** The text of a message. */
  text?: string;
  route?: string;
}

/** An order about one player. It stands in the audit stream before it is carried out. @throws RpcError, Error in a sentence */
export type Act = (session: OperatorSession, playerId: string, options: ActOptions) => Promise<Findings>;

const done = (action: string, playerId: string, sentence: string, more: object = {}): Findings => ({
  json: { action, playerId, ...more },
  text: [sentence],
});

const endOf = (seconds: number | undefined): string =>
  seconds === undefined ? 'until it is lifted' : `for ${durationText(seconds)}`;

/** Each act by its name: it does it, and tells what came of it. */
export const acts = {
  ban: async (session, playerId, { reason, for: forSeconds }) => {
    await session.moderation.banPlayer(playerId, { by: session.by, reason, forSeconds });
    return sanctioned(session, 'ban', playerId, `${playerId} is banned, ${endOf(forSeconds)}.`, forSeconds);
  },
  unban: async ({ moderation, by }, playerId, { reason }) => {
    await moderation.unbanPlayer(playerId, { by, reason });
    return done('unban', playerId, `${playerId} is no longer banned.`);
  },
  mute: async (session, playerId, { reason, for: forSeconds }) => {
    await session.moderation.mutePlayer(playerId, { by: session.by, reason, forSeconds });
    return sanctioned(session, 'mute', playerId, `${playerId} is muted, ${endOf(forSeconds)}.`, forSeconds);
  },
  unmute: async ({ moderation, by }, playerId, { reason }) => {
    await moderation.unmutePlayer(playerId, { by, reason });
    return done('unmute', playerId, `${playerId} is no longer muted.`);
  },
  kick: async ({ moderation, by }, playerId, { reason }) => {
    const { session, serverId } = await moderation.kickPlayer(playerId, { by, reason });
    return done('kick', playerId, `The session ${session} of ${playerId} on ${serverId} is ended.`, {
      session,
      serverId,
    });
  },
  move: (session, playerId, { reason }) => {
    const entry = { action: 'move', playerId, by: session.by, reason };
    return session.audit.carryOut(entry, () => movePlayer(session, playerId));
  },
  message: async (session, playerId, { reason, text = '', route = 'operator.message' }) => {
    const { by, audit, whereabouts, pushes } = session;
    const entry = { action: 'message', playerId, by, reason, details: { route, text } };
    await audit.carryOut(entry, async () => {
      if (!(await whereabouts.findSession(playerId))) {
        throw new RpcError('NOT_FOUND', {
          message: `${playerId} has no session; the message would reach nobody.`,
        });
      }
      await pushes.toPlayer(playerId, route, { text });
    });
    return done('message', playerId, `The message is sent to ${playerId}, as a push of the route ${route}.`, {
      route,
    });
  },
} satisfies Record<string, Act>;

/** The name of an act, which is also that of its command. */
export type ActName = keyof typeof acts;

/** A sanction may be for somebody who is away; a wrong letter in the id looks the same. */
async function sanctioned(
  session: OperatorSession,
  action: 'ban' | 'mute',
  playerId: string,
  sentence: string,
  forSeconds?: number,
): Promise<Findings> {
  const hasSession = (await findRecord(session, playerId)) !== undefined;
  const { json, text } = done(action, playerId, sentence, { forSeconds, hasSession });
  return { json, text: hasSession ? text : [...text, `${playerId} has no session by now: is the id right?`] };
}

async function movePlayer(session: OperatorSession, playerId: string): Promise<Findings> {
  const record = await session.whereabouts.findSession(playerId);
  if (!record?.isConnected) {
    throw new RpcError('NOT_FOUND', { message: `${playerId} is not connected; there is nobody to move.` });
  }
  const { serverId, version } = record;
  const connector = { serverId, serverType: 'connector', version };
  const { answers, silent } = await askServer(session, connector, connectorHandlers.movePlayer, { playerId });
  const outcome = answers[0]?.data.outcome;
  if (outcome === undefined) {
    throw new RpcError('TIMEOUT', {
      message: `${silenceOf(silent)}; nobody knows whether ${playerId} moves.`,
    });
  }
  if (outcome === 'not-here') {
    throw new RpcError('NOT_FOUND', { message: `${serverId} has no socket of ${playerId} any more.` });
  }
  const how =
    outcome === 'asked'
      ? 'is asked to move to another connector'
      : 'was closed, and connects again by itself';
  return done('move', playerId, `${playerId} on ${serverId} ${how}.`, { outcome, serverId });
}
