import { type Client, connect } from '@ccgame/client';
import type { Game } from '#game/contracts.js';
import { kubectl } from '../cluster.js';
import { gameImage } from '../images.js';
import { login } from '../doors.js';
import { pause } from '../pause.js';
import { nothing, type Phase } from '../phase.js';
import { matching, names, rolledOut, type Stage } from '../stage.js';

/** In three regions five of the six players that `ranked` needs: their tickets stay open. */
const regions = ['eu', 'us', 'asia'];
const perRegion = 5;

interface Waiter {
  client: Client<Game>;
  ticketId: string;
  since: number;
}

/** With another server there, nobody notices. */
export const replaceMatching: Phase = {
  line: 4,
  title: 'matching: each pod deleted with -9, then a rollout, with tickets open',
  mustBeZero: nothing,
  async run(stage) {
    const waiters = await openTickets(stage);
    for (const pod of await names('serverType=matching,version=1.0.0000')) {
      await kubectl('delete', 'pod', pod, '--grace-period=0', '--force', '--wait=true');
      await pause(1000);
      await rolledOut(matching);
    }
    await allWait(stage, waiters, 'every pod was deleted with -9');
    await kubectl('set', 'image', matching, `matchingapp=${gameImage('1.0.0000-b')}`);
    await rolledOut(matching);
    await allWait(stage, waiters, 'a rollout');
    await leaveAll(stage, waiters);
  },
};

/** With no server there, players are told NO_SERVER until one is back; what they had been promised stands. */
export const killMatching: Phase = {
  line: 4,
  title: 'matching: all pods deleted at once with -9, with tickets open',
  mustBeZero: nothing.filter((name) => name !== 'socketFailed'),
  async run(stage) {
    const waiters = await openTickets(stage);
    const since = performance.now();
    await kubectl('delete', 'pod', '-l', 'serverType=matching', '--grace-period=0', '--force');
    await rolledOut(matching);
    stage.report.say(`  matching is back after ${Math.round(performance.now() - since)} ms`);
    await allWait(stage, waiters, 'all pods were deleted at once with -9');
    await leaveAll(stage, waiters);
  },
};

function openTickets({ url }: Stage): Promise<Waiter[]> {
  return Promise.all(regions.flatMap((region) => Array.from({ length: perRegion }, () => wait(url, region))));
}

async function wait(url: string, region: string): Promise<Waiter> {
  const { token } = await login(url);
  const client = connect<Game>({ url, token, version: '1.0.0000', timeoutMs: 30_000 });
  const ticket = await client.request('matching.user_join_matching', {
    mode: 'ranked',
    attributes: { region },
  });
  return { client, ticketId: ticket.ticketId, since: ticket.waitingSinceMs };
}

async function allWait({ report }: Stage, waiters: Waiter[], after: string): Promise<void> {
  const states = await Promise.all(
    waiters.map(async ({ client, ticketId, since }) => {
      const found = await client.request('matching.user_matching_status', undefined);
      const isSame = found.ticketId === ticketId && found.waitingSinceMs === since;
      return isSame && found.state === 'open';
    }),
  );
  const open = states.filter(Boolean).length;
  report.check(
    `after ${after}: ${open} of ${waiters.length} tickets are open, with the time that they have waited`,
    open === waiters.length,
  );
}

async function leaveAll({ report }: Stage, waiters: Waiter[]): Promise<void> {
  const outcomes = await Promise.all(
    waiters.map(({ client }) => client.request('matching.user_leave_matching', undefined as never)),
  );
  for (const { client } of waiters) client.close();
  report.check(
    'all of them can be left',
    outcomes.every(({ outcome }) => outcome === 'left'),
  );
}
