import type { INestMicroservice, Provider, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { RpcModule } from '../src/rpc.module.js';
import { RpcServer } from '../src/serve/rpc.server.js';
import { RpcService } from '../src/call/rpc.service.js';
import { type RpcOptions, type ServerIdentity } from '../src/options.js';

export interface RpcApp {
  app: INestMicroservice;
  rpc: RpcService;
  server: RpcServer;
  identity: ServerIdentity;
  close: () => Promise<void>;
}

export interface RpcAppOptions extends Omit<RpcOptions, 'identity'> {
  /** Default `tester-0`. */
  serverId?: string;
  /** Default: what stands before the `-` of the id. */
  serverType?: string;
  version?: string;
  controllers?: Type[];
  providers?: Provider[];
  imports?: Type[];
  /** Called before the handlers listen. */
  setUp?: (app: INestMicroservice) => void;
}

/** A server of the engine inside of the test's process, on a real NATS. */
export async function startRpcApp(options: RpcAppOptions): Promise<RpcApp> {
  const {
    serverId = 'tester-0',
    serverType = serverId.split('-')[0],
    version = '1.0.0000',
    controllers,
    providers,
    imports = [],
    setUp,
    ...rest
  } = options;
  const identity = { serverId, serverType, version };
  const root = {
    module: class {},
    imports: [RpcModule.forRoot({ ...rest, identity }), ...imports],
    controllers,
    providers,
  };
  const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(root, {
    inject: [RpcServer],
    useFactory: (strategy: RpcServer) => ({ strategy }),
    logger: false,
    abortOnError: false,
  });
  setUp?.(app);
  try {
    await app.listen();
  } catch (error) {
    await app.close();
    throw error;
  }
  return {
    app,
    rpc: app.get(RpcService),
    server: app.get(RpcServer),
    identity,
    close: () => app.close(),
  };
}

/** The error that a promise rejects with; fails the test when it doesn't. */
export async function rejection<E = Error & Record<string, unknown>>(promise: Promise<unknown>): Promise<E> {
  try {
    const value = await promise;
    throw new Error(`resolved with ${JSON.stringify(value)}`);
  } catch (error) {
    return error as E;
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Begins so many calls, some in each turn of the event loop: a process that has a fiftieth of a core would take longer for a thousand
 * in one turn than NATS waits for a sign of it.
 */
export async function beginInTurns<T>(
  count: number,
  begin: (n: number) => Promise<T>,
): Promise<Promise<T>[]> {
  const calls: Promise<T>[] = [];
  for (let n = 0; n < count; n++) {
    const call = begin(n);
    calls.push(call);
    // They are awaited together, at the end.
    call.catch(() => undefined);
    if (n % 20 === 19) await new Promise(setImmediate);
  }
  return calls;
}
