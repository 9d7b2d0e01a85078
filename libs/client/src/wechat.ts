import type { Fetch, FetchedResponse, KeptTexts, OneSocket, Platform, WebSocketClass } from './platform.js';

interface Failure {
  errMsg: string;
}

interface HttpResult {
  data: unknown;
  statusCode: number;
  header?: Record<string, unknown>;
}

interface SocketTask {
  onOpen(listener: () => void): void;
  onMessage(listener: (message: { data: unknown }) => void): void;
  onError(listener: (error: Failure) => void): void;
  onClose(listener: (reason: unknown) => void): void;
  send(options: { data: string; fail?(error: Failure): void }): void;
  close(options: object): void;
}

/**
 * The part of `wx` that the SDK needs; mini games of others (`tt`, `qq`, `ks`) have the same.
 * Source: developers.weixin.qq.com/minigame/dev/api, from base library 1.7.0 on.
 */
export interface MiniGameApi {
  /** `timeout`, ms, from base library 2.10.0 on. */
  connectSocket(options: {
    url: string;
    timeout: number;
    fail(error: Failure): void;
  }): SocketTask | undefined | void;
  request(options: {
    url: string;
    method: 'GET' | 'POST';
    header: Record<string, string>;
    data?: string;
    dataType: string;
    timeout: number;
    success(result: HttpResult): void;
    fail(error: Failure): void;
  }): unknown;
  getStorageSync(key: string): unknown;
  setStorageSync(key: string, value: string): void;
  /** Not everywhere: a game without it gives `token`, `deviceId` or `randomBytes`. */
  getRandomValues?(options: {
    length: number;
    success(result: { randomValues: ArrayBuffer }): void;
    fail(error: Failure): void;
  }): void;
  onNetworkStatusChange?(listener: (status: { isConnected: boolean }) => void): void;
  offNetworkStatusChange?(listener: (status: { isConnected: boolean }) => void): void;
  onShow?(listener: () => void): void;
  offShow?(listener: () => void): void;
}

/** A server that answers later has been given up. */
const timeoutMs = 10_000;

/**
 * WeChat's mini games, which have no DOM: `connect({ url, token, ...wechatPlatform(wx) })`. The addresses have to be among the game's
 * domains in WeChat's console, as `request` and as `socket`.
 */
export function wechatPlatform(wx: MiniGameApi): Platform {
  return {
    fetch: fetchBy(wx),
    webSocket: socketClassOf(wx),
    storage: storageOf(wx),
    whenOnline: (listener) => whenOnline(wx, listener),
    ...(wx.getRandomValues && { randomBytes: (count: number) => randomBytes(wx, count) }),
  };
}

function fetchBy(wx: MiniGameApi): Fetch {
  return (url, { method, headers, body }) =>
    new Promise((resolve, reject) => {
      wx.request({
        url,
        method: method ?? 'GET',
        header: headers,
        ...(body !== undefined && { data: body }),
        // Not `json`: text that is none would come as it is.
        dataType: 'text',
        timeout: timeoutMs,
        success: (result) => resolve(responseOf(result)),
        fail: ({ errMsg }) => reject(new Error(errMsg)),
      });
    });
}

function responseOf({ data, statusCode, header }: HttpResult): FetchedResponse {
  return {
    ok: statusCode >= 200 && statusCode < 300,
    headers: { get: (name) => headerOf(header, name) },
    json: async () => (typeof data === 'string' ? (JSON.parse(data) as unknown) : data),
  };
}

/** Some phones give the names as the server wrote them, others in small letters. */
function headerOf(header: HttpResult['header'], name: string): string | null {
  for (const [key, value] of Object.entries(header ?? {})) {
    if (key.toLowerCase() === name) return String(value);
  }
  return null;
}

function storageOf(wx: MiniGameApi): KeptTexts {
  return {
    getItem: (key) => (wx.getStorageSync(key) as string) || null,
    setItem: (key, value) => wx.setStorageSync(key, value),
  };
}

function randomBytes(wx: MiniGameApi, length: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    wx.getRandomValues?.({
      length,
      success: ({ randomValues }) => resolve(new Uint8Array(randomValues)),
      fail: ({ errMsg }) => reject(new Error(errMsg)),
    });
  });
}

/** Also when the player comes back to the game: in the background WeChat ends its sockets. */
function whenOnline(wx: MiniGameApi, listener: () => void): () => void {
  const changed = ({ isConnected }: { isConnected: boolean }) => isConnected && listener();
  wx.onNetworkStatusChange?.(changed);
  wx.onShow?.(listener);
  return () => {
    wx.offNetworkStatusChange?.(changed);
    wx.offShow?.(listener);
  };
}

/** A socket that is connecting can't be given up, and five are all that a mini game may have: each ends by itself when nobody waits for it. */
function socketClassOf(wx: MiniGameApi, withinMs = timeoutMs): WebSocketClass {
  return class extends MiniGameSocket {
    static within(ms: number): WebSocketClass {
      return socketClassOf(wx, Math.ceil(ms));
    }

    constructor(url: string) {
      super(wx, url, withinMs);
    }
  };
}

/** A socket of the mini game, as a WebSocket. */
class MiniGameSocket implements OneSocket {
  onopen: OneSocket['onopen'] = null;
  onclose: OneSocket['onclose'] = null;
  onerror: OneSocket['onerror'] = null;
  onmessage: OneSocket['onmessage'] = null;
  private readonly task: SocketTask | undefined | void;
  private isOpen = false;
  private isClosed = false;

  constructor(wx: MiniGameApi, url: string, timeout: number) {
    // Listened to at once: an event that nobody listens to is not told later.
    this.task = wx.connectSocket({ url, timeout, fail: (error) => this.tellFailure(error) });
    if (!this.task) return;
    this.task.onOpen(() => this.opened());
    this.task.onMessage((message) => this.tell(this.onmessage, message));
    this.task.onError((error) => this.tellFailure(error));
    this.task.onClose((reason) => this.tellEnd(reason));
  }

  send(data: string): void {
    this.task?.send({ data, fail: (error) => this.tellFailure(error) });
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    // One that is still connecting can't be closed: it is when it has opened.
    if (this.isOpen) this.task?.close({});
  }

  private opened(): void {
    this.isOpen = true;
    if (this.isClosed) this.task?.close({});
    else this.tell(this.onopen, {});
  }

  private tellFailure(error: Failure): void {
    this.tell(this.onerror, error);
  }

  private tellEnd(reason: unknown): void {
    const { onclose } = this;
    if (!this.isClosed) this.tell(onclose, reason);
    this.isClosed = true;
  }

  private tell(listener: ((event: never) => void) | null, event: unknown): void {
    if (!this.isClosed) listener?.(event as never);
  }
}
