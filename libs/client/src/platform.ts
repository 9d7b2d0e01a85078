/** Parts of a platform that the SDK needs. Each is left out where the platform has it: browsers, Node, Bun and Deno have all. */
export interface Platform {
  /** For the version, the login and the leaderboards. A `signal` may come with its options; it need not know that. */
  fetch?: Fetch;
  webSocket?: WebSocketClass;
  /** Keeps the guest's device id where neither `token` nor `deviceId` is given. Default: `localStorage`. */
  storage?: KeptTexts;
  /** Random bytes that nobody can guess, for the device id. Default: `crypto.getRandomValues`. */
  randomBytes?: (count: number) => Uint8Array | Promise<Uint8Array>;
  /** Calls when the device has a network again; returns what ends that. Default: the `online` event of browsers. */
  whenOnline?: (listener: () => void) => () => void;
}

/** The part of `fetch` that the client uses, for platforms that bring their own. */
export type Fetch = (url: string, options: FetchOptions) => Promise<FetchedResponse>;

/** The options that the client gives {@link Fetch}. */
export interface FetchOptions {
  method?: 'POST';
  headers: Record<string, string>;
  body?: string;
}

/** The part of a Response that the SDK reads. */
export interface FetchedResponse {
  readonly ok: boolean;
  readonly headers: { get(name: string): string | null };
  json(): Promise<unknown>;
}

/** Text messages alone; it is told by the four `on…` properties. */
export interface OneSocket {
  binaryType?: string;
  onopen: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  send(text: string): void;
  close(): void;
}

/** A WebSocket class, for platforms that bring their own. */
export interface WebSocketClass {
  new (url: string): OneSocket;
  /**
   * Gives the class for a socket that is waited for so long, ms. For platforms where one that is still connecting can't be closed: it has to
   * end by itself then, or it takes the place of later ones.
   */
  within?(ms: number): new (url: string) => OneSocket;
}

/** As `localStorage`, or with promises, as React Native's AsyncStorage. */
export interface KeptTexts {
  getItem(key: string): string | null | undefined | Promise<string | null | undefined>;
  setItem(key: string, value: string): unknown;
}

/** Those of browsers, Node, Bun and Deno. */
interface Globals {
  fetch?: Fetch;
  WebSocket?: WebSocketClass;
  localStorage?: KeptTexts;
  crypto?: { getRandomValues?(bytes: Uint8Array): Uint8Array };
  addEventListener?(event: 'online', listener: () => void): void;
  removeEventListener?(event: 'online', listener: () => void): void;
}

const globals = globalThis as Globals;

/** The given `fetch`, else the platform's; undefined where it has none. */
export function fetchOf({ fetch }: Platform): Fetch | undefined {
  return fetch ?? globals.fetch;
}

/** The given storage, else the browser's; undefined where there is none or it is blocked. */
export function storageOf({ storage }: Platform): KeptTexts | undefined {
  if (storage) return storage;
  try {
    return globals.localStorage ?? undefined;
  } catch {
    // A browser that blocks a page's data throws where it is only looked at.
    return undefined;
  }
}

/** The given source of random bytes, else the platform's; undefined where there is none. */
export function randomBytesOf({ randomBytes }: Platform): Platform['randomBytes'] {
  const { crypto } = globals;
  if (randomBytes || !crypto?.getRandomValues) return randomBytes;
  return (count) => crypto.getRandomValues!(new Uint8Array(count));
}

/** Browsers say so by themselves; where nobody says, the wait is over when its time has passed. */
export function whenOnlineOf({ whenOnline }: Platform): NonNullable<Platform['whenOnline']> {
  if (whenOnline) return whenOnline;
  return (listener) => {
    globals.addEventListener?.('online', listener);
    return () => globals.removeEventListener?.('online', listener);
  };
}
