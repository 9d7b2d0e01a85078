import type { StartedServer } from '@ccgame/testing';

/** The parts of a started backend that its summary names. */
export interface Running {
  /** The public address. */
  url: string;
  /** May be shown: without user and password. */
  nats: string;
  servers: readonly StartedServer[];
  versions: readonly string[];
  /** The game has pages to try it in. */
  hasPages: boolean;
  /** The scripts of the game's package.json. One named `<any>:next` prints where other code of the game lies. */
  scripts: readonly string[];
}

/** The servers that run, their addresses, and what to try next. */
export function summary(running: Running): string {
  return [...addresses(running), '', ...nextSteps(running)].join('\n');
}

function addresses({ url, nats, servers }: Running): string[] {
  return [
    `  players   ${url}  (HTTP and socket.io; the Version header, ?version= or /v/<version>/ chooses)`,
    `  API page  ${url}/docs`,
    `  NATS      ${nats}`,
    '  logs      .ccgame/logs/',
    '  servers',
    ...servers.map(
      ({ process: { serverId, pid }, port, healthPort }) =>
        `    ${serverId}  pid ${pid}  port ${port}  health http://127.0.0.1:${healthPort}/`,
    ),
  ];
}

function nextSteps({ url, servers, versions, hasPages, scripts }: Running): string[] {
  const [stable = '', second] = versions;
  const other = second ?? versionAfter(stable);
  // Without other code both versions are the same to a player.
  const next = scripts.find((name) => name.endsWith(':next'));
  const ready = next ? ` --from "$(npm run -s ${next})"` : '';
  const connectors = servers.filter(({ serverType }) => serverType === 'connector');
  const meanwhile = connectors.length > 1 ? 'its players go on with the other' : 'its players wait for it';
  return [
    'Try next, with another terminal:',
    ...(hasPages ? [`  play      open ${url}/ in a browser`] : []),
    `  break     kill -9 ${connectors[0]?.process.pid ?? '<pid>'}  (a connector, which holds players: it is started again, and ${meanwhile})`,
    '  release   move the players to another version of every server; they miss nothing:',
    ...(second ? [] : [`              npx ccgame release deploy ${other}${ready}`]),
    `              npx ccgame release promote ${other} --move-now`,
    '              npx ccgame release status',
    ...(scripts.includes('demo:release') ? [measure] : []),
    'Ctrl-C stops everything.',
  ];
}

const measure =
  '  measure   npm run demo:release  (50 robots play through a whole release and count what they miss)';

/** `1.0.0000` → `1.0.0001` */
function versionAfter(version: string): string {
  return version.replace(/\d+$/, (last) => String(Number(last) + 1).padStart(last.length, '0'));
}
