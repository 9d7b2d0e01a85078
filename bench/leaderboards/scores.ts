import { AckedPublisher } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { headers, type NatsConnection } from '@nats-io/nats-core';

const batchSize = 1_000;
const batchesAtOnce = 4;

/** The name of the daily period that a moment is in, by UTC. @param at epoch ms */
export function dayOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 10).replaceAll('-', '')}T000000Z`;
}

/** Scores as folds write them, in the period of a day. */
export async function seedScores(connection: NatsConnection, players: number, day: string): Promise<void> {
  const publisher = new AckedPublisher(connection, new NatsHealth(connection));
  const running: Promise<unknown>[] = [];
  for (let first = 0; first < players; first += batchSize) {
    const count = Math.min(batchSize, players - first);
    const messages = Array.from({ length: count }, (_, index) => ({
      subject: `leaderboards.score.duel.${day}.player-${first + index}`,
      payload: JSON.stringify([Math.floor(Math.random() * 1e6), 0, 0]),
      expected: 0,
    }));
    running.push(publisher.publishAll(messages));
    if (running.length >= batchesAtOnce) await running.shift();
  }
  await Promise.all(running);
  publisher.close();
}

/** A result of one player, accepted once it is stored. */
export async function submit(connection: NatsConnection, id: string, playerId: string): Promise<void> {
  const given = headers();
  given.set('Nats-Expected-Last-Subject-Sequence', '0');
  const payload = JSON.stringify({ scores: [{ playerId, score: Math.ceil(Math.random() * 30) }] });
  const subject = `leaderboards.result.duel.${id}`;
  const answer = await connection.request(subject, payload, { headers: given, timeout: 10_000 });
  if (answer.json<{ error?: object }>().error) throw new Error(answer.string());
}
