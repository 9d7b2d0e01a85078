import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ReleaseTable } from '@ccgame/releases';
import type { StartRequest } from './start-request.js';

/** The part of the release table that the edge needs. */
export type DevRoutes = Pick<ReleaseTable, 'stable' | 'fallbacks'>;

/** Questions that other commands may ask a running launcher. Errors are answered as their sentence. */
export interface ControlActions {
  /** Starts what is lacking of a version, and doesn't wait until it is ready. */
  start(version: string, asked: StartRequest): Promise<void>;
  /** Lets a version's servers drain, and doesn't wait until they are gone. */
  stop(version: string): void;
  /** The running servers, one report each. */
  servers(): Promise<object[]>;
  /** Clients that name no version get the stable one, and each version's clients the servers that stand in for it. */
  route(routes: DevRoutes): void;
}

/** The launcher's own HTTP server, by which the commands of another terminal reach it. */
export interface Control {
  /** With a secret in its path: a page in a browser reaches this port too, and it starts code of any folder. */
  url: string;
  close(): void;
}

/** More than any of its questions has, characters. */
const mostLength = 1024 * 1024;

/**
 * Listens on a free port of 127.0.0.1, below its `url`: `GET` (this process's id), `GET /servers`, `POST` or
 * `DELETE /versions/<version>`, `PUT /routes`.
 */
export async function startControl(actions: ControlActions): Promise<Control> {
  const secret = randomBytes(16).toString('hex');
  const server = createServer((request, response) => {
    const [, shown, ...path] = (request.url ?? '').split('/');
    if (shown !== secret) return void response.writeHead(404, { connection: 'close' }).end();
    act(request, path, actions).then(
      (answer) => response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer)),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/${secret}`, close: () => void server.close() };
}

/** Carries a question out, and gives its answer; undefined where there is no such question. */
async function act(
  request: IncomingMessage,
  [folder, version]: string[],
  actions: ControlActions,
): Promise<object | number | undefined> {
  const body = JSON.parse((await text(request)) || '{}') as StartRequest & Partial<DevRoutes>;
  if (request.method === 'GET' && folder === undefined) return process.pid;
  if (request.method === 'GET' && folder === 'servers') return actions.servers();
  const { stable, fallbacks } = body;
  if (request.method === 'PUT' && folder === 'routes' && stable && fallbacks)
    actions.route({ stable, fallbacks });
  else if (request.method === 'POST' && folder === 'versions' && version)
    await actions.start(version, { types: body.types, folder: body.folder });
  else if (request.method === 'DELETE' && folder === 'versions' && version) actions.stop(version);
  else return undefined;
  return {};
}

async function text(request: IncomingMessage): Promise<string> {
  let all = '';
  // A character may come in two parts.
  for await (const chunk of request.setEncoding('utf8')) {
    all += String(chunk);
    if (all.length > mostLength) throw new Error('The question is too large');
  }
  return all;
}
