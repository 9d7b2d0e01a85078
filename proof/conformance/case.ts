import type { ClientProcess } from './client-process.js';
import type { ScriptedServer } from './scripted-server.js';
import type { Opened, ScriptedSocket } from './scripted-socket.js';

/** One thing that docs/protocol.md asks of a client. */
export interface Case {
  name: string;
  /** Plays the server of a client that was only just started. @throws Error that says what the client did instead */
  play(server: ScriptedServer, client: ClientProcess): Promise<void>;
}

/** The client connects, and the case plays its first socket from the welcome on. */
export async function begin(
  server: ScriptedServer,
  client: ClientProcess,
  opened: Opened = {},
): Promise<ScriptedSocket> {
  client.connect(server.url);
  const socket = await (await server.next()).welcome(opened);
  await client.untilOnline();
  return socket;
}

/** The positions of a session that begins at 100 are above that. */
export const said = (socket: ScriptedSocket, data: unknown, position?: number): void =>
  socket.push('said', data, position);
