import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { PushService } from '@ccgame/sessions';
import { cpuSeconds, startNats } from '@ccgame/testing';
import { openPublisher } from '../connector/pushes.js';
import { median, round, sleep } from '../connector/statistics.js';

/**
 * `npm run bench:broadcasts`: CPU of a push that was delivered, by process, when rooms tell all of their members the same: reliable
 * pushes, volatile ones, and a topic, which is one message a connector. In turn, in one run. The last line is JSON.
 */
const { values } = parseArgs({
  options: {
    rooms: { type: 'string', default: '50' },
    members: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
  },
});
Logger.overrideLogger(false);
const everyMs = 50;
const data = { roomId: 'room-1', text: 'x'.repeat(64) };
const json = JSON.stringify(data);
const members = Number(values.members);
const rooms = Array.from({ length: Number(values.rooms) }, (_, room) => ({
  topic: `bench.room.${room}`,
  players: Array.from({ length: members }, (__, seat) => `p${room}-${seat}`),
}));

type Room = (typeof rooms)[number];
type Costs = Record<'sender' | 'nats' | 'connector', number>;

const nats = await startNats();
const app = await openPublisher(nats.address, 'sender-0');
const push = app.get(PushService);
const kinds = {
  reliable: ({ players }: Room) => push.toPlayers(players, 'room.told', data),
  volatile: ({ players }: Room) => push.toPlayers(players, 'room.told', data, { volatile: true }),
  topic: ({ topic }: Room) => push.topics.pushToTopic(topic, 'room.told', json),
};
const players = rooms.flatMap((room) => room.players);
const connector = fork(fileURLToPath(new URL('connector.js', import.meta.url)), [nats.address, ...players]);
await once(connector, 'message');
for (const room of rooms) {
  for (const player of room.players) push.topics.startFollowing(player, room.topic, 'room.told', json);
}
const found: Record<string, Costs[]> = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
for (let turn = -1; turn < Number(values.rounds); turn += 1) {
  for (const [kind, broadcast] of Object.entries(kinds)) {
    const costs = await measure(broadcast);
    // The first round warms up.
    if (turn >= 0) found[kind].push(costs);
  }
}
const result = Object.fromEntries(
  Object.entries(found).map(([kind, runs]) => {
    const of = (name: keyof Costs): number => round(median(runs.map((costs) => costs[name])), 1);
    const [sender, server, receiver] = [of('sender'), of('nats'), of('connector')];
    return [kind, { sender, nats: server, connector: receiver, all: round(sender + server + receiver, 1) }];
  }),
);
console.table(result);
console.log(
  JSON.stringify({
    bench: 'broadcasts',
    rooms: rooms.length,
    members,
    us_a_push: result,
    reliable_by_volatile: round(result.reliable.all / result.volatile.all, 2),
    volatile_by_topic: round(result.volatile.all / result.topic.all, 2),
  }),
);
connector.disconnect();
await app.close();
await nats.destroy();

/** µs of CPU a push that came. */
async function measure(broadcast: (room: Room) => unknown): Promise<Costs> {
  const before = { at: cpu(), received: await receivedSoFar() };
  const endsAt = performance.now() + Number(values.seconds) * 1_000;
  while (performance.now() < endsAt) {
    const startedAt = performance.now();
    await Promise.all(rooms.map(broadcast));
    await sleep(Math.max(0, everyMs - (performance.now() - startedAt)));
  }
  await sleep(everyMs);
  const after = cpu();
  const came = (await receivedSoFar()) - before.received;
  const each = (name: keyof Costs): number => ((after[name] - before.at[name]) * 1e6) / came;
  return { sender: each('sender'), nats: each('nats'), connector: each('connector') };
}

function cpu(): Costs {
  const of = (pid = 0): number => cpuSeconds(pid);
  return { sender: of(process.pid), nats: of(nats.pid), connector: of(connector.pid) };
}

async function receivedSoFar(): Promise<number> {
  const answer = once(connector, 'message');
  connector.send('');
  return ((await answer) as [number])[0];
}
