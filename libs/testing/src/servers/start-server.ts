import { join } from 'node:path';
import type { NatsUsers } from '../nats/nats-accounts.js';
import { freePort } from './free-port.js';
import { labelsOf } from './server-labels.js';
import { ServerProcess, type ServerProcessOptions } from './server-process.js';

/** The server that is started, and the NATS on which it has its type's user. */
export interface StartServerOptions {
  /** The repository's folder or a build of it; its `dist/` must be built. The server's working directory. */
  root: string;
  serverType: string;
  /** The file that is run, from `root`; left out: the app of this type. */
  entry?: string;
  version: string;
  /** Counts the servers of one type and version from 0. */
  ordinal?: number;
  nats: NatsUsers;
  logFolder: string;
  /** Variables of the lowest rank: those that every server is given, and `env`, replace them. */
  inherited?: ServerProcessOptions['inherited'];
  /** Options of Node, such as `--inspect-port=9229`. */
  nodeOptions?: readonly string[];
  /** More variables, or other values for those given here. */
  env?: Record<string, string>;
  /** See {@link ServerProcessOptions.adopt}. */
  adopt?: ServerProcessOptions['adopt'];
}

/** A started server and the ports that it was given. */
export interface StartedServer {
  process: ServerProcess;
  serverId: string;
  serverType: string;
  version: string;
  ordinal: number;
  /** Where HTTP or sockets are served; nobody listens there for a back end. */
  port: number;
  healthPort: number;
}

/** Starts one app on free ports, with the environment that its manifest would give. Doesn't wait until it is ready. */
export async function startServer(options: StartServerOptions): Promise<StartedServer> {
  const { root, serverType, version, ordinal = 0, nats, logFolder } = options;
  const { inherited, nodeOptions, adopt, env = {} } = options;
  const { serverId } = labelsOf(serverType, version, ordinal);
  const [port, healthPort] = [await freePort(), await freePort()];
  const process = new ServerProcess({
    serverId,
    cwd: root,
    entry: join(root, options.entry ?? `dist/servers/${serverType}.js`),
    healthPort,
    logFile: join(logFolder, `${serverId}.log`),
    nodeOptions,
    adopt,
    inherited,
    env: {
      SERVER_ID: serverId,
      SERVER_TYPE: serverType,
      VERSION: version,
      NODE_ENV: 'dev',
      NATS_ADDRESS: nats.addressOf(serverType),
      HTTP_PORT: String(port),
      WS_PORT: String(port),
      HEALTHY_CHECK_PORT: String(healthPort),
      ...env,
    },
  });
  process.start();
  return { process, serverId, serverType, version, ordinal, port, healthPort };
}
