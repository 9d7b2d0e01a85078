import { randomFillSync } from 'node:crypto';
import { WebSocket } from 'ws';
import type { MiniGameApi } from '../src/wechat.js';

type Failure = { errMsg: string };
type Listener = (value: never) => void;
type ConnectSocket = Parameters<MiniGameApi['connectSocket']>[0];

/** As many sockets as a mini game may have at once. */
const maxSockets = 5;

/**
 * `wx` over Node's network, with what its documentation and its users tell of it: every callback comes later, an event that nobody
 * listens to is lost, a sixth socket is refused, one that is connecting can't be closed, nothing can be sent before it is open,
 * text is given as text, and an unknown key of the storage is the empty text. A socket without `timeout` tries for as long as the phone
 * does, a minute.
 */
export class WechatStandIn implements MiniGameApi {
  readonly kept = new Map<string, string>();
  private readonly tasks = new Set<WebSocket>();
  private readonly shown = new Set<() => void>();

  get sockets(): number {
    return this.tasks.size;
  }

  connectSocket({
    url,
    timeout = 60_000,
    fail,
  }: Partial<ConnectSocket> & Pick<ConnectSocket, 'url' | 'fail'>) {
    const listeners: Record<string, Listener | undefined> = {};
    const tell = (event: string, value: unknown) => listeners[event]?.(value as never);
    const listenOnce = (event: string) => (listener: Listener) => void (listeners[event] ??= listener);
    const socket = this.openSocket(url, timeout, tell, fail);
    return {
      onOpen: listenOnce('open'),
      onMessage: listenOnce('message'),
      onError: listenOnce('error'),
      onClose: listenOnce('close'),
      send: ({ data, fail: failed }: { data: string; fail?(error: Failure): void }) => {
        if (socket?.readyState === WebSocket.OPEN) socket.send(data);
        else later(() => failed?.({ errMsg: 'sendSocketMessage:fail WebSocket is not connected' }));
      },
      close: () => {
        if (socket?.readyState === WebSocket.OPEN) socket.close();
      },
    };
  }

  request({ url, method, header, data, success, fail }: Parameters<MiniGameApi['request']>[0]): void {
    fetch(url, { method, headers: header, body: data }).then(
      async (response) => {
        const result = {
          data: await response.text(),
          statusCode: response.status,
          header: Object.fromEntries(
            [...response.headers].map(([name, value]) => [name.toUpperCase(), value]),
          ),
        };
        later(() => success(result));
      },
      () => later(() => fail({ errMsg: 'request:fail' })),
    );
  }

  getStorageSync(key: string): string {
    return this.kept.get(key) ?? '';
  }

  setStorageSync(key: string, value: string): void {
    this.kept.set(key, value);
  }

  getRandomValues({ length, success }: Parameters<NonNullable<MiniGameApi['getRandomValues']>>[0]): void {
    const randomValues = new ArrayBuffer(length);
    randomFillSync(new Uint8Array(randomValues));
    later(() => success({ randomValues }));
  }

  onShow(listener: () => void): void {
    this.shown.add(listener);
  }

  offShow(listener: () => void): void {
    this.shown.delete(listener);
  }

  /** The player comes back from another app. */
  show(): void {
    for (const listener of this.shown) listener();
  }

  private openSocket(
    url: string,
    timeout: number,
    tell: (event: string, value: unknown) => void,
    fail: (error: Failure) => void,
  ): WebSocket | undefined {
    if (this.tasks.size >= maxSockets) {
      later(() => fail({ errMsg: 'connectSocket:fail exceed max concurrent' }));
      return undefined;
    }
    const socket = new WebSocket(url);
    this.tasks.add(socket);
    const timeUp = setTimeout(() => socket.terminate(), timeout);
    socket.on('open', () => {
      clearTimeout(timeUp);
      later(() => tell('open', { header: {} }));
    });
    socket.on('message', (data) => later(() => tell('message', { data: (data as Buffer).toString() })));
    socket.on('error', ({ message }) => later(() => tell('error', { errMsg: message })));
    socket.on('close', (code) => {
      clearTimeout(timeUp);
      this.tasks.delete(socket);
      later(() => tell('close', { code, reason: '' }));
    });
    return socket;
  }
}

function later(callback: () => void): void {
  setTimeout(callback, 0);
}
