import { io } from 'socket.io-client';
import type { SessionOpened } from '@ccgame/protocol';

/** The public doors, asked as a client would that knows nothing of our code. */
export interface Way {
  headers?: Record<string, string>;
  query?: Record<string, string>;
  /** The text before the path, such as `/v/1.0.0001`. */
  prefix?: string;
}

export async function login(
  url: string,
  deviceId = `robot-${crypto.randomUUID()}`,
): Promise<{ playerId: string; token: string }> {
  const response = await fetch(`${url}/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ deviceId }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`login: ${response.status} ${await response.text()}`);
  return (await response.json()) as { playerId: string; token: string };
}

/** The version whose server answered, which is the one that the table gives the client. */
export async function httpVersion(url: string, { headers, query, prefix = '' }: Way): Promise<string> {
  const search = new URLSearchParams(query).toString();
  const response = await fetch(`${url}${prefix}/v1/config?${search}`, {
    headers,
    signal: AbortSignal.timeout(10_000),
  });
  await response.arrayBuffer();
  return response.ok ? (response.headers.get('version') ?? 'none said') : `status ${response.status}`;
}

/** The id of the connector that takes a socket, such as `connector-prod-v100001-0`. */
export async function connectorOf(url: string, { headers, query, prefix = '' }: Way): Promise<string> {
  const { token } = await login(url);
  const socket = io(url, {
    path: `${prefix}/socket.io`,
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: headers,
    query,
    auth: { token, protocol: 1 },
  });
  try {
    return await new Promise((resolve, reject) => {
      socket.on('Push', ({ route, data }: { route: string; data: SessionOpened }) => {
        if (route === 'session.opened') resolve(data.serverId);
      });
      socket.on('connect_error', reject);
    });
  } finally {
    socket.close();
  }
}

/** How often each answer came, of `times` questions asked eight at a time. */
export async function countAnswers(
  times: number,
  ask: () => Promise<string>,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const asker = async (share: number): Promise<void> => {
    for (let index = 0; index < share; index += 1) {
      const answer = await ask().catch((error: Error) => error.message);
      counts[answer] = (counts[answer] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, index) => asker(Math.ceil((times - index) / 8))));
  return counts;
}
