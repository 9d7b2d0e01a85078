import {
  type CallHandler,
  type CanActivate,
  Module,
  ParseIntPipe,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA } from '@nestjs/common/constants.js';
import { NestFactory } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import {
  Ack,
  ConnectedSocket,
  MessageBody,
  type MessageMappingProperties,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { EMPTY, map, type Observable, throwError } from 'rxjs';
import { callBareHandlersDirectly } from './bare-handlers.js';
import { SocketErrors } from './socket-errors.filter.js';

const refused = { catch: jest.fn() };

class RefuseAll implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@WebSocketGateway()
class Gateway {
  @SubscribeMessage('bare')
  bare(@MessageBody() data: unknown, @Ack() ack: unknown, @ConnectedSocket() session: unknown): unknown[] {
    return [session, data, ack, this instanceof Gateway];
  }

  @SubscribeMessage('field')
  field(@MessageBody('number') data: unknown): unknown[] {
    return [data, this instanceof Gateway];
  }

  @SubscribeMessage('throwing')
  throwing(): never {
    throw new RangeError('thrown');
  }

  @SubscribeMessage('rejecting')
  rejecting(): Promise<never> {
    return Promise.reject(new RangeError('rejected'));
  }

  @SubscribeMessage('streaming')
  streaming(): unknown {
    return throwError(() => new RangeError('streamed'));
  }

  @UseGuards(RefuseAll)
  @SubscribeMessage('guarded')
  guarded(): void {}

  @UsePipes({ transform: (value: unknown) => `piped ${String(value)}` })
  @SubscribeMessage('piped')
  piped(@MessageBody() data: unknown): unknown {
    return data;
  }

  @SubscribeMessage('parsed')
  parsed(@MessageBody('number', ParseIntPipe) data: unknown): unknown {
    return data;
  }

  @UseInterceptors({ intercept: (_: unknown, next: CallHandler) => next.handle().pipe(map((one) => [one])) })
  @SubscribeMessage('intercepted')
  intercepted(): unknown {
    return 'result';
  }
}

@Module({ providers: [Gateway] })
class GatewayModule {}

class Adapter extends IoAdapter {
  readonly handlers = new Map<unknown, (...values: unknown[]) => unknown>();
  private connect: (session: unknown) => void = () => {};

  override create(): never {
    return EMPTY as never;
  }
  override bindClientConnect(_server: unknown, connect: (session: unknown) => void): void {
    this.connect = connect;
  }
  override bindClientDisconnect(): void {}
  override bindMessageHandlers(_session: unknown, handlers: MessageMappingProperties[]): void {
    for (const { message, callback } of handlers) this.handlers.set(message, callback as never);
  }
  connectSession(session: object): void {
    this.connect(session);
  }
  override close(): Promise<void> {
    return Promise.resolve();
  }
}

describe('A gateway’s handler, which bare-handlers.ts calls by a patch of Nest’s WsContextCreator.create,', () => {
  const adapter = new Adapter();
  const session = {};
  const handlerOf = (message: string) => adapter.handlers.get(message) as (...values: unknown[]) => unknown;

  beforeAll(async () => {
    callBareHandlersDirectly();
    Reflect.defineMetadata(EXCEPTION_FILTERS_METADATA, [Object.assign(new SocketErrors(), refused)], Gateway);
    const app = await NestFactory.create(GatewayModule, { logger: false });
    app.useWebSocketAdapter(adapter);
    await app.init();
    adapter.connectSession(session);
  });
  beforeEach(() => refused.catch.mockClear());

  it('with nothing around it is called at once, with the session, the data and the acknowledgement in their places', () => {
    const ack = (): void => {};
    expect(handlerOf('bare')('data', ack)).toEqual([session, 'data', ack, true]);
    expect(handlerOf('bare')('data')).toEqual([session, 'data', undefined, true]);
    expect(handlerOf('field')({ number: 7 })).toEqual([7, true]);
    expect(handlerOf('field')(undefined)).toEqual([undefined, true]);
  });

  it.each([
    ['throwing', 'thrown'],
    ['rejecting', 'rejected'],
    ['guarded', 'Forbidden resource'],
  ])('%s has its error given to the gateway’s filters', async (message, text) => {
    await handlerOf(message)('data', undefined);
    expect(refused.catch).toHaveBeenCalledTimes(1);
    const [error, host] = refused.catch.mock.calls[0] as [Error, { getArgs(): unknown[] }];
    expect(error.message).toBe(text);
    expect(host.getArgs()).toEqual([session, 'data', undefined, message]);
  });

  it('streaming has an error of its stream given to the filters', async () => {
    const stream = (await handlerOf('streaming')('data')) as Observable<unknown>;
    await stream.forEach(() => {});
    expect(refused.catch).toHaveBeenCalledTimes(1);
  });

  it('with a pipe or an interceptor goes through them', async () => {
    expect(await handlerOf('piped')('data')).toBe('piped data');
    expect(await handlerOf('parsed')({ number: '7' })).toBe(7);
    const results: unknown[] = [];
    await ((await handlerOf('intercepted')()) as Observable<unknown>).forEach(
      (one) => void results.push(one),
    );
    expect(results).toEqual([['result']]);
  });
});
