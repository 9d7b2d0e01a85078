import { type Client, type ClientError, connect } from '@ccgame/client';
import type { Backend, CommandResult } from '../../../proof/release-demo/backend.js';
import { operatorInProcess } from './command-in-process.js';
import { pidOf } from './pid-of.js';

const version = '1.0.0000';

/** `ccgame players | sessions | rooms | servers | tickets` beside a started backend, in its folder. */
export function describeOperator(backendOf: () => Backend): void {
  describe('an operator', () => {
    const clients: Client[] = [];
    afterEach(() => {
      for (const client of clients.splice(0)) client.close();
    });

    const done = async (...args: string[]): Promise<string> => {
      const { code, text } = await operatorInProcess(args);
      expect({ code, text }).toMatchObject({ code: 0 });
      return text;
    };
    const json = async (...args: string[]): Promise<any> => JSON.parse(await done(...args, '--json'));
    const refused = async (...args: string[]): Promise<string> => {
      const { code, text }: CommandResult = await operatorInProcess(args);
      expect(code).not.toBe(0);
      return text;
    };

    async function login(): Promise<{ client: Client; playerId: string }> {
      const url = backendOf().dev.publicUrl;
      const response = await fetch(`${url}/v1/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ deviceId: `device-${crypto.randomUUID()}` }),
      });
      const { token, playerId } = (await response.json()) as { token: string; playerId: string };
      const client = connect({ url, token });
      clients.push(client);
      await client.ready;
      return { client, playerId };
    }

    it('finds a player: connector, session, ticket, and why it is not matched', async () => {
      const { client, playerId } = await login();
      await client.request('matching.user_join_matching' as never, { mode: 'duel' });
      const found = await json('players', 'find', playerId);
      expect(found).toMatchObject({
        session: { serverId: client.serverId, version, isConnected: true, since: expect.any(Number) },
        sockets: [{ version, isSdk: true, inFlight: 0 }],
        ticket: { mode: 'duel', state: 'open', version, players: [playerId] },
        explanation: { mode: 'duel', waiting: 1 },
        rooms: [],
        sanctions: {},
        silent: [],
      });
      const text = await done('players', 'find', playerId);
      expect(text).toMatch(new RegExp(`^socket +on ${client.serverId}, for \\d+ s, SDK, 0 in flight$`, 'm'));
      expect(text).toMatch(/^ticket +duel 1\.0\.0000, open, for/m);
      expect(await json('tickets')).toMatchObject({
        total: 1,
        queues: [{ mode: 'duel', version, tickets: 1, proposed: 0, players: 1 }],
      });
      expect(await json('sessions')).toMatchObject({
        total: 1,
        sessions: [{ connector: client.serverId, version, sessions: 1 }],
      });
      await client.request('matching.user_leave_matching' as never, {});
    }, 60_000);

    it('finds the rooms that a player is in', async () => {
      const players = await Promise.all(Array.from({ length: 4 }, () => login()));
      const matched = players.map(
        ({ client }) => new Promise((resolve) => client.on('matched' as never, resolve)),
      );
      for (const { client } of players) {
        await client.request('matching.user_join_matching' as never, { mode: 'arena' });
      }
      await Promise.all(matched);
      const [{ playerId = '' } = {}] = players;
      const { rooms } = await json('players', 'find', playerId);
      expect(rooms).toMatchObject([{ name: 'arena', isRoom: true, isStopped: false, version }]);
      expect(await done('rooms', '--player', playerId)).toMatch(
        /^arena +\S+ +arena-dev-v100000-0 +1\.0\.0000 +4 [^]*^rooms: 1$/m,
      );
    }, 60_000);

    it('acts on a player, each time with a reason that stays', async () => {
      const { client, playerId } = await login();
      const errors: ClientError[] = [];
      client.on('error', (error) => errors.push(error));
      const pushed = new Promise((resolve) => client.on('operator.message', resolve));
      const moved = new Promise((resolve) => client.on('moved', resolve));
      await done('players', 'message', playerId, '--text', 'hello', '--reason', 'a');
      expect(await pushed).toEqual({ text: 'hello' });
      expect(await json('players', 'move', playerId, '--reason', 'b')).toMatchObject({ outcome: 'asked' });
      await moved;
      await done('players', 'ban', playerId, '--for', '7d', '--reason', 'c');
      while (client.state !== 'closed') await new Promise((resolve) => setTimeout(resolve, 20));
      expect(errors).toMatchObject([{ code: 'BANNED', details: { reason: 'c' } }]);
      const { lines } = await json('players', 'audit', playerId);
      expect(lines).toMatchObject([
        { action: 'message', reason: 'a', details: { text: 'hello' } },
        { action: 'move', reason: 'b' },
        { action: 'ban', reason: 'c', by: expect.stringMatching(/./), forSeconds: 7 * 86_400 },
      ]);
    }, 60_000);

    it('hears so where there is nobody to act on', async () => {
      expect(await refused('players', 'kick', 'nobody', '--reason', 'x')).toMatch(/has no session/);
      expect(await refused('players', 'unban', 'nobody', '--reason', 'x')).toMatch(/nobody has no ban/);
      const { isKnown } = await json('players', 'find', 'nobody');
      expect(isKnown).toBe(false);
      const message = ['--text', 'hello', '--reason', 'x'];
      expect(await refused('players', 'message', 'nobody', ...message)).toMatch(/would reach nobody/);
      const { lines } = await json('players', 'audit', 'nobody');
      const orders = ['kick', 'unban', 'message'].flatMap((action) => [
        { action, reason: 'x' },
        { action, reason: 'x', failed: 'NOT_FOUND' },
      ]);
      expect(lines).toMatchObject(orders);
    }, 60_000);

    it('hears so where --without names no server', async () => {
      expect(await refused('rooms', '--without', 'nope')).toMatch(
        /--without names nope, and no such server is there\. The servers are .*connector-dev-v100000-0/,
      );
    }, 60_000);

    it.each([
      [['players', 'ban', 'anna'], /required option '--reason <reason>'/],
      [['players', 'ban', 'anna', '--reason', ' '], /A reason is a text of 1 to 500 characters/],
      [['players', 'ban', 'an.na', '--reason', 'x'], /A player id is/],
      [
        ['players', 'ban', 'anna', '--reason', 'x', '--for', '2 weeks'],
        /A time looks like 90s, 30m, 12h or 7d/,
      ],
      [['rooms', '--limit', '2000'], /Expected 0 to 1000/],
    ])('refuses %j in a sentence', async (args, sentence) => {
      expect(await refused(...args)).toMatch(sentence);
    });

    it('is told which servers do not answer, and never that they have nothing', async () => {
      await login();
      const serverId = 'connector-dev-v100000-0';
      const pid = pidOf({ SERVER_ID: serverId, NATS_ADDRESS: backendOf().dev.natsAddress });
      process.kill(pid, 'SIGSTOP');
      try {
        const text = await done('sessions');
        const servers = await json('servers');
        expect(text).toMatch(/^sessions: 0 \+ \?, connectors: 0$/m);
        expect(text).toMatch(new RegExp(`^${serverId} \\(\\w+\\) does not answer: .* not counted`, 'm'));
        expect(servers.silent).toMatchObject([{ serverId }]);
        const listed = servers.servers.find((one: { serverId: string }) => one.serverId === serverId);
        expect(listed).toMatchObject({ answers: false, version, pid });
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    }, 60_000);

    it('reads examples in the help, and the version', async () => {
      const { text } = await operatorInProcess(['players', 'ban', '--help']);
      expect(text).toMatch(/Examples:\n +ccgame players ban anna --for 7d --reason "ticket 4711"/);
      expect((await backendOf().ccgame(['--version'])).text).toMatch(/^\d+\.\d+\.\d+\n$/);
    }, 60_000);
  });
}
