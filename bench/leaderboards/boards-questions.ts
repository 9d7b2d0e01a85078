import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Question } from './load.js';

const agent = new Agent({ keepAlive: true });

/** Asks an http server. The answer is read to its end. */
export function askBoards(port: number): (question: Question, player: string) => Promise<string> {
  return (question, player) => readBoard(port, pathOf(question, player));
}

function pathOf(question: Question, player: string): string {
  if (question === 'top') return '?limit=10';
  return question === 'around' ? `/players/${player}?around=5` : `/players/${player}`;
}

/** @param path behind the board's */
export function readBoard(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, agent, host: '127.0.0.1', path: `/v1/leaderboards/duel${path}` }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${path}: ${response.statusCode} ${text}`));
      });
    }).on('error', reject);
  });
}

/** Until a period shows that it has so many players. */
export async function untilShown(port: number, players: number, period = 'current'): Promise<void> {
  for (;;) {
    const text = await readBoard(port, `?period=${period}&limit=1`).catch(() => '{}');
    if ((JSON.parse(text) as { players?: number }).players === players) return;
    await sleep(50);
  }
}
