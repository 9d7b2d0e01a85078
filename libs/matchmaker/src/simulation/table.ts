import type { Report, Spread } from './report.js';

/** The reports side by side, one line a figure. */
export function tableOf(reports: readonly Report[]): string {
  const rows: string[][] = [['', ...reports.map(({ mode }) => mode)]];
  const row = (name: string, value: (report: Report) => string | undefined): void => {
    const values = reports.map((report) => value(report) ?? '');
    if (values.some((one) => one !== '')) rows.push([name, ...values]);
  };
  row('tickets (players)', ({ tickets, players }) => `${tickets} (${players})`);
  row('matches', ({ matches }) => String(matches));
  row('players matched', ({ matchedPlayers, players }) => percent(matchedPlayers / Math.max(1, players)));
  row(
    'waiting at the end',
    ({ waiting, oldestWaiting }) => `${waiting}, the oldest for ${seconds(oldestWaiting)}`,
  );
  row('gave up, expired', ({ left, expired }) => (left + expired > 0 ? `${left}, ${expired}` : undefined));
  row(
    'waited to the longest wait',
    ({ atLongestWait, tickets }) => `${atLongestWait}, ${percent(atLongestWait / Math.max(1, tickets))}`,
  );
  row('wait', ({ wait }) => spread(wait, seconds));
  for (const party of partiesIn(reports))
    row(party === 1 ? '  alone' : `  party of ${party}`, ({ waitByParty }) => {
      const found = waitByParty.find((one) => one.party === party);
      return found && spread(found.wait, seconds);
    });
  row('skill gap in a match', ({ gap }) => spread(gap, whole));
  row('skill gap between teams', ({ imbalance }) => spread(imbalance, whole));
  row('latency', ({ latency }) => latency && spread(latency, (ms) => `${whole(ms)} ms`));
  row('players above the limit', ({ latency }) => latency && String(latency.aboveLimit));
  row('matches with parties', ({ withParties }) => percent(withParties));
  row('  in teams alike', ({ withParties, likeParties }) =>
    percent(likeParties / Math.max(1e-9, withParties)),
  );
  row('smaller matches', ({ smaller }) => percent(smaller));
  row('matches lacking a role', ({ withoutRoles }) => percent(withoutRoles));
  row('queue, mean and most', ({ queue }) => `${whole(queue.mean)}, ${queue.most}`);
  row(
    'refused',
    ({ refused }) => refused.map(([problem, count]) => `${count}: ${problem}`).join('; ') || undefined,
  );
  row(
    'matcher',
    ({ cost }) => `${whole(cost.perTicketUs)} µs a ticket, longest pass ${cost.longestPassMs.toFixed(1)} ms`,
  );
  return aligned(rows);
}

function partiesIn(reports: readonly Report[]): number[] {
  const sizes = reports.flatMap(({ waitByParty }) => waitByParty.map(({ party }) => party));
  return [...new Set(sizes)].sort((a, b) => a - b);
}

function aligned(rows: readonly string[][]): string {
  const widths = rows[0].map((_cell, column) => Math.max(...rows.map((cells) => cells[column].length)));
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const spread = ({ p50, p90, p99, most }: Spread, unit: (value: number) => string): string =>
  `p50 ${unit(p50)}, p90 ${unit(p90)}, p99 ${unit(p99)}, max ${unit(most)}`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const whole = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
