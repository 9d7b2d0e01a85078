import { connectorOf, countAnswers, httpVersion, type Way } from '../doors.js';
import { pause } from '../pause.js';
import type { Stage } from '../stage.js';

/** A change of the table reaches the routers within this time. */
const routedMs = 3000;
const times = 12;

const ways: Record<string, Way> = {
  header: { headers: { 'X-Track': 'beta' } },
  query: { query: { track: 'beta' } },
  cookie: { headers: { cookie: 'theme=dark; track=beta' } },
};
const rules: Record<string, string> = {
  header: 'X-Track=beta',
  query: 'track=beta',
  cookie: 'track=beta',
};

/** A canary's rule holds for HTTP and for sockets, and for nobody else. */
export async function countByRules({ report, url, release }: Stage, version: string): Promise<void> {
  const digits = version.replaceAll('.', '');
  for (const [kind, way] of Object.entries(ways)) {
    await release('canary', version, `--${kind}`, rules[kind] ?? '');
    await pause(routedMs);
    const http = await countAnswers(times, () => httpVersion(url, way));
    const sockets = await countAnswers(times, async () => (await connectorOf(url, way)).split('-')[2] ?? '');
    const others = await countAnswers(times, () => httpVersion(url, {}));
    report.check(
      `${times} each by a rule about a ${kind}: HTTP ${JSON.stringify(http)}, sockets ${JSON.stringify(sockets)}; without it ${JSON.stringify(others)}`,
      http[version] === times && sockets[`v${digits}`] === times && others[version] === undefined,
    );
    await release('rollback', version);
  }
}
