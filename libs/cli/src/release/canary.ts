import { parseTable, type ReleaseTable, setCanary, TableError } from '@ccgame/releases';
import { assertServed } from './assert-served.js';
import { ruleOf, type RuleOptions } from './options.js';
import { moveNow } from './move-now.js';
import type { ReleaseSession } from './session.js';
import { requireTable } from './require-table.js';
import { tellingInterrupted } from './telling-interrupted.js';
import { assertEnoughServers } from './too-few-servers.js';
import { printStatus } from './views.js';
import { watchCanary } from './watch-canary.js';

/** The options of `ccgame release canary`. */
export interface CanaryCommandOptions extends RuleOptions {
  weight?: number;
  moveNow: boolean;
  guard: boolean;
  guardSeconds: number;
}

const conditions = ['weight', 'header', 'query', 'cookie', 'players', 'region', 'build'] as const;
/** A list of players may be long. */
const longestAction = 200;

/** Gives a version to some players, more of them or others; without saying whom, moves or guards what it has. */
export async function canary(
  session: ReleaseSession,
  version: string,
  options: CanaryCommandOptions,
): Promise<void> {
  const { weight, guardSeconds } = options;
  const rule = ruleOf(options);
  const said = conditions.filter((name) => options[name] !== undefined);
  if (said.length > 0) {
    const change = setCanary(version, { weight, rules: rule ? [rule] : [] });
    const { table } = await requireTable(session);
    await assertMayGrow(session, version, table, parseTable(change(table)), options.moveNow);
    const words = said.map((name) => ` --${name} ${options[name]}`).join('');
    await session.change(`canary ${version}${words}`.slice(0, longestAction), change);
  } else if (!options.guard && !options.moveNow) {
    throw new TableError([`Say who gets ${version}: --weight 10, or a rule such as --players anna,ben.`]);
  }
  if (options.moveNow) await moveNow(session);
  await printStatus(session);
  if (!options.guard) return;
  const unguarded = `${version} keeps its players, and nobody guards it. "ccgame release canary ${version} --guard" watches it again, "ccgame release rollback ${version}" ends it.`;
  await tellingInterrupted(unguarded, () => watchCanary(session, version, guardSeconds));
}

/** A smaller share takes players away, which nothing may keep back. @throws TableError */
async function assertMayGrow(
  session: ReleaseSession,
  version: string,
  before: ReleaseTable,
  after: ReleaseTable,
  movesNow: boolean,
): Promise<void> {
  const [was, is] = [before, after].map(({ canaries }) => canaries.find((one) => one.version === version));
  const hasMoreRules = (is?.rules.length ?? 0) > (was?.rules.length ?? 0);
  const weight = is?.weight ?? 0;
  const hasMore = weight > (was?.weight ?? 0);
  if (hasMoreRules || hasMore) await assertServed(session, before, version);
  if (!movesNow || !hasMore) return;
  const move = { from: before.stable, to: version, share: weight / 100 };
  await assertEnoughServers(session, before, move, `canary ${version}`);
}
