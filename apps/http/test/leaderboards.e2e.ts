import { connect, type NatsConnection } from '@nats-io/transport-node';
import { headers } from '@nats-io/nats-core';
import { type GameNats, startGameNats, type StartedServer, startServer } from '@ccgame/testing';

const players = 50;
const matches = 6_000;

/** A checker of its own: it puts plain messages into the stream as the product's authors do, and reads what players read. */
describe('two http servers that count the same results', () => {
  let nats: GameNats;
  let connection: NatsConnection;
  const servers: StartedServer[] = [];

  const start = async (): Promise<StartedServer> => {
    const server = await startServer({
      root: process.cwd(),
      serverType: 'http',
      version: '1.0.0000',
      nats,
      logFolder: nats.folder,
    });
    await server.process.untilReady();
    servers.push(server);
    return server;
  };

  beforeAll(async () => {
    nats = await startGameNats();
    connection = await connect({ servers: nats.address });
  });
  afterAll(async () => {
    await Promise.all(servers.map(({ process: server }) => server.stop()));
    await connection.close();
    await nats.destroy();
  });

  async function submit(match: number): Promise<void> {
    const given = headers();
    given.set('Nats-Expected-Last-Subject-Sequence', '0');
    const scores = [
      { playerId: `p${match % players}`, score: 3 },
      { playerId: `p${(match + 1) % players}`, score: 0.1 },
    ];
    const subject = `leaderboards.result.duel.match-${match}`;
    const answer = await connection.request(subject, JSON.stringify({ scores }), {
      headers: given,
      timeout: 10_000,
    });
    expect(answer.json()).not.toHaveProperty('error');
  }

  async function submitFrom(first: number, count: number): Promise<void> {
    for (let match = first; match < first + count; match += 100)
      await Promise.all(Array.from({ length: 100 }, (_, index) => submit(match + index)));
  }

  async function scoresAt({ port }: StartedServer): Promise<Record<string, number>> {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/leaderboards/duel`);
    const { entries = [] } = (await answer.json()) as { entries?: { playerId: string; score: number }[] };
    return Object.fromEntries(entries.map(({ playerId, score }) => [playerId, score]));
  }

  it('count each once, though the one that counts is killed, and then the other', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    const third = matches / 3;
    const running = submitFrom(0, third);
    await until(async () => 'p7' in (await scoresAt(first)));
    await first.process.kill();
    await running;
    const [, replacement] = await Promise.all([submitFrom(third, third), start()]);
    const last = submitFrom(2 * third, third);
    await second.process.kill();
    await last;
    const each = matches / players;
    const expected = Object.fromEntries(
      Array.from({ length: players }, (_, player) => [`p${player}`, (each * 3 * 10 + each) / 10]),
    );
    await until(async () => (await scoresAt(replacement)).p0 === expected.p0);
    await until(
      async () => JSON.stringify(sorted(await scoresAt(replacement))) === JSON.stringify(sorted(expected)),
    );
  });
});

function sorted(scores: Record<string, number>): [string, number][] {
  return Object.entries(scores).sort(([one], [other]) => (one < other ? -1 : 1));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('It did not come to hold');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
