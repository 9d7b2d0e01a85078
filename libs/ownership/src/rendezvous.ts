import { createHash } from 'node:crypto';

/**
 * Chooses the server that owns a name: each pair gets a number, the highest wins. Every server that sees the same servers says
 * the same, and when one comes or goes only its own names move.
 */
export function winnerOf(name: string, servers: Iterable<string>): string | undefined {
  let [winner, highest]: [string | undefined, string] = [undefined, ''];
  for (const server of servers) {
    const weight = createHash('sha1').update(`${name}\n${server}`).digest('hex');
    if (winner === undefined || weight > highest) [winner, highest] = [server, weight];
  }
  return winner;
}
