import {
  Catch,
  Controller,
  ForbiddenException,
  Injectable,
  ParseIntPipe,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type INestMicroservice,
  type NestInterceptor,
  type PipeTransform,
  type RpcExceptionFilter,
  type Type,
} from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { IsInt, IsString } from 'class-validator';
import { map, throwError, type Observable } from 'rxjs';
import { startNats, type NatsServer } from '@ccgame/testing';
import { rejection, startRpcApp, type RpcApp } from '../test/rpc-app.js';
import { clientHandler, serverHandler } from './contract/contract.js';
import { ClientHandler, ServerHandler } from './contract/decorators.js';
import { RpcError } from './errors.js';
import { RpcHandlerContext } from './serve/job.js';
import { rpcContext } from './context.js';

class AddDto {
  @IsInt() a: number;
  @IsInt() b: number;
}

const contract = (handler: string) =>
  serverHandler({ serverType: 'back', handler, payload: AddDto, result: Number });
const plain = contract('plain');
const guarded = contract('guarded');
const refusing = contract('refusing');
const intercepted = contract('intercepted');
const piped = contract('piped');
const filtered = contract('filtered');
const asked = serverHandler({ serverType: 'back', handler: 'asked', payload: AddDto, result: String });
const scoped = contract('scoped');

@Injectable()
class NeedsPlayer implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const data = context.switchToRpc().getData<AddDto>();
    return rpcContext.get().attributes.uid !== undefined && data.a > 0;
  }
}

@Injectable()
class Refuses implements CanActivate {
  canActivate(): boolean {
    throw new ForbiddenException('not you');
  }
}

@Injectable()
class Doubles implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler<number>): Observable<number> {
    return next.handle().pipe(map((sum) => sum * 2));
  }
}

@Injectable()
class Increments implements PipeTransform<AddDto> {
  transform(value: AddDto): AddDto {
    return { ...value, a: value.a + 1 };
  }
}

class Special extends Error {}

@Catch(Special)
class SpecialFilter implements RpcExceptionFilter<Special> {
  catch(_: Special, host: ArgumentsHost): Observable<never> {
    const { a } = host.switchToRpc().getData<AddDto>();
    return throwError(() => new RpcError('SPECIAL', { details: { a } }));
  }
}

@Controller()
class BackController {
  @ServerHandler(plain)
  plain({ a, b }: AddDto): number {
    return a + b;
  }

  @UseGuards(NeedsPlayer)
  @ServerHandler(guarded)
  guarded({ a, b }: AddDto): number {
    return a + b;
  }

  @ServerHandler(refusing)
  @UseGuards(Refuses)
  refusing({ a, b }: AddDto): number {
    return a + b;
  }

  @UseInterceptors(Doubles)
  @ServerHandler(intercepted)
  async intercepted({ a, b }: AddDto): Promise<number> {
    return a + b;
  }

  @UsePipes(Increments)
  @ServerHandler(piped)
  piped({ a, b }: AddDto): number {
    return a + b;
  }

  @UseFilters(SpecialFilter)
  @ServerHandler(filtered)
  filtered(): number {
    throw new Special();
  }

  @ServerHandler(asked)
  asked(@Payload() { a, b }: AddDto, @Ctx() context: RpcHandlerContext): string {
    return `${context.subject} ${context.rpc.version} ${a + b}`;
  }

  @MessagePattern({ serverId: 'back', handler: 'parsed' })
  parsed(@Payload('n', ParseIntPipe) n: number): number {
    return n + 1;
  }

  @MessagePattern({ serverId: 'back', handler: 'stockPipe' })
  @UsePipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }))
  stockPipe(@Payload() { a, b }: AddDto): number {
    return a + b;
  }
}

let instances = 0;

@Controller({ scope: Scope.REQUEST })
class ScopedController {
  private readonly instance = ++instances;

  @ServerHandler(scoped)
  scoped(_: AddDto): number {
    return this.instance;
  }
}

let nats: NatsServer;
let caller: RpcApp;
let back: RpcApp;
const data = { a: 1, b: 2 };

beforeAll(async () => {
  nats = await startNats();
  back = await startRpcApp({
    natsAddress: nats.address,
    serverId: 'back-0',
    controllers: [BackController, ScopedController],
  });
  caller = await startRpcApp({ natsAddress: nats.address, serverId: 'front-0' });
});
afterAll(async () => {
  await caller?.close();
  await back?.close();
  await nats?.destroy();
});

describe('on a handler, Nest’s', () => {
  it('guards decide, by payload and context', async () => {
    const refused = await rejection(caller.rpc.doRPC({ handler: guarded }, data));
    expect(refused).toMatchObject({ code: 'FORBIDDEN', retryable: false });
    const attributes = { uid: 'u1' };
    expect(await rpcContext.run({ attributes }, () => caller.rpc.doRPC({ handler: guarded }, data))).toBe(3);
    expect((await rejection(caller.rpc.doRPC({ handler: refusing }, data))).code).toBe('FORBIDDEN');
  });

  it('interceptors change the result', async () => {
    expect(await caller.rpc.doRPC({ handler: intercepted }, data)).toBe(6);
  });

  it('pipes change the payload', async () => {
    expect(await caller.rpc.doRPC({ handler: piped }, data)).toBe(4);
    expect(await caller.rpc.doRPC({ serverId: 'back-0', handler: 'parsed' }, { n: '41' })).toBe(42);
    const wrong = await rejection(caller.rpc.doRPC({ serverId: 'back-0', handler: 'parsed' }, { n: 'x' }));
    expect(wrong).toMatchObject({ code: 'INVALID' });
  });

  it('ValidationPipe refuses with INVALID and its own words', async () => {
    const target = { serverId: 'back-0', handler: 'stockPipe' };
    expect(await caller.rpc.doRPC(target, data)).toBe(3);
    expect(await rejection(caller.rpc.doRPC(target, { ...data, c: 3 }))).toMatchObject({
      code: 'INVALID',
      details: { problems: [{ field: 'c', rule: 'property c should not exist' }] },
    });
  });

  it('exception filters are asked first', async () => {
    expect(await rejection(caller.rpc.doRPC({ handler: filtered }, data))).toMatchObject({
      code: 'SPECIAL',
      details: { a: 1 },
    });
  });

  it('parameter decorators fill the parameters', async () => {
    expect(
      await rpcContext.run({ version: '1.0.0000' }, () => caller.rpc.doRPC({ handler: asked }, data)),
    ).toBe('rpc.any.back.1_0_0000.asked 1.0.0000 3');
  });

  it('request scope makes an instance a call', async () => {
    const first = await caller.rpc.doRPC({ handler: scoped }, data);
    expect(await caller.rpc.doRPC({ handler: scoped }, data)).toBe(first + 1);
  });
});

describe('global ones', () => {
  it.each<[string, (app: INestMicroservice) => void, unknown]>([
    ['guards', (app) => app.useGlobalGuards(new Refuses()), 'FORBIDDEN'],
    ['interceptors', (app) => app.useGlobalInterceptors(new Doubles()), 6],
    ['pipes', (app) => app.useGlobalPipes(new Increments()), 4],
  ])('%s apply to bare handlers', async (_, setUp, expected) => {
    const app = await startRpcApp({
      natsAddress: nats.address,
      serverId: 'back-global',
      controllers: [BackController],
      setUp,
    });
    try {
      const call = caller.rpc.doRPC({ serverId: 'back-global', handler: plain }, data);
      expect(await call.catch((error: unknown) => (error as RpcError).code)).toBe(expected);
    } finally {
      await app.close();
    }
  });
});

describe('a DTO is checked before anything else', () => {
  it.each([guarded, refusing, intercepted, piped, filtered, scoped].map((one) => one.handler))(
    'as before what stands at the handler %s',
    async (handler) => {
      const wrong = { a: 'one', b: 2 } as unknown as AddDto;
      expect(await rejection(caller.rpc.doRPC({ serverId: 'back-0', handler }, wrong))).toMatchObject({
        code: 'INVALID',
        details: { problems: [{ field: 'a', rule: 'a must be an integer number' }] },
      });
    },
  );

  it('with the fields in the answer', async () => {
    const wrong = { a: 'one', b: 2, c: 3 } as unknown as AddDto;
    const error = await rejection<RpcError>(caller.rpc.doRPC({ handler: plain }, wrong));
    expect(error.toPublic()).toEqual({
      code: 'INVALID',
      retryable: false,
      details: {
        problems: [
          { field: 'c', rule: 'property c should not exist' },
          { field: 'a', rule: 'a must be an integer number' },
        ],
      },
    });
  });
});

describe('a server does not start', () => {
  class Loose {
    text: string;
  }
  class Tight {
    @IsString() text: string;
  }
  const loose = serverHandler({ serverType: 'back', handler: 'loose', payload: Loose });
  const foreign = serverHandler({ serverType: 'shop', handler: 'buy', payload: Tight });
  const illegal = serverHandler({ serverType: 'back', handler: 'a.b', payload: Tight });
  const twin = serverHandler({ serverType: 'back', handler: 'twin', payload: Tight });
  const play = clientHandler({ serverType: 'back', handler: 'twin', payload: Tight });

  function controller(define: (target: Type) => void): Type {
    class Bad {
      one(_: Tight): void {}
      two(_: Tight): void {}
    }
    define(Bad);
    Controller()(Bad);
    return Bad;
  }
  type Mark = (target: object, key: string, descriptor: never) => void;
  const decorate = (target: Type, key: string, decorator: unknown): void =>
    (decorator as Mark)(
      target.prototype as object,
      key,
      Object.getOwnPropertyDescriptor(target.prototype, key) as never,
    );

  it.each<[string, Type, string]>([
    [
      'two handlers of one name',
      controller((target) => {
        decorate(target, 'one', ServerHandler(twin));
        decorate(target, 'two', MessagePattern({ serverId: 'back-0', handler: 'twin' }));
      }),
      'twin: there are two server handlers of that name',
    ],
    [
      'a handler of another type',
      controller((target) => decorate(target, 'one', ServerHandler(foreign))),
      'buy: its contract is for the type "shop", and this server is a "back"',
    ],
    [
      'another server’s id in a pattern',
      controller((target) => decorate(target, 'one', MessagePattern({ serverId: 'back-7', handler: 'x' }))),
      'x: its serverId "back-7" is neither this server ("back-0") nor its type ("back")',
    ],
    [
      'an illegal name',
      controller((target) => decorate(target, 'one', ServerHandler(illegal))),
      '"a.b" is no handler name',
    ],
    [
      'a pattern that is none',
      controller((target) => decorate(target, 'one', MessagePattern('text'))),
      '"text" is no pattern',
    ],
    [
      'a payload class without rules',
      controller((target) => decorate(target, 'one', ServerHandler(loose))),
      'loose: its payload Loose has no class-validator decorator',
    ],
  ])('with %s, and says why', async (_, bad, reason) => {
    const error = await rejection(
      startRpcApp({ natsAddress: nats.address, serverId: 'back-0', controllers: [bad] }),
    );
    expect(error.message).toContain(reason);
  });

  it.each(['back-0', 'shops-0', 'shop'])('with the id %s, which is none of its type', async (serverId) => {
    const error = await rejection(startRpcApp({ natsAddress: nats.address, serverId, serverType: 'shop' }));
    expect(error.message).toContain(
      `the id of this server is "${serverId}", which does not begin with "shop-"`,
    );
  });

  it('unless the twins are a player’s and a server’s handler', async () => {
    const fine = controller((target) => {
      decorate(target, 'one', ServerHandler(twin));
      decorate(target, 'two', ClientHandler(play));
    });
    const app = await startRpcApp({ natsAddress: nats.address, serverId: 'back-5', controllers: [fine] });
    await app.close();
  });

  it('when a contract is marked with the other scope’s decorator', () => {
    expect(() => ServerHandler(play)).toThrow('back.twin is a client handler, decorated as a server handler');
  });
});
