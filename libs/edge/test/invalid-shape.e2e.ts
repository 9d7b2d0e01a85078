import {
  BadRequestException,
  Body,
  Controller,
  Post,
  UseFilters,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type AsyncMicroserviceOptions, MessagePattern, Payload } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  checkName,
  checkWhole,
  clientTarget,
  invalid,
  RpcError,
  RpcModule,
  RpcServer,
  RpcService,
  serverHandler,
  ServerHandler,
} from '@ccgame/rpc';
import { type NatsServer, startNats } from '@ccgame/testing';
import { IsString } from 'class-validator';
import { io, type Socket } from 'socket.io-client';
import { AllowedMethods } from '../../http/src/problems/allowed-methods.js';
import { ProblemFilter } from '../../http/src/problems/problem.filter.js';
import { SocketErrors } from '../src/gateway/socket-errors.filter.js';

class Line {
  @IsString()
  text!: string;
}

const unsaid = { field: '', rule: 'The call is not what the handler takes' };
const one = (field: string, rule: string): object[] => [{ field, rule: expect.stringContaining(rule) }];

/** The errors that are thrown, and what each caller is told of them. */
const faults: Record<string, [fail: () => unknown, problems: unknown[]]> = {
  'invalid()': [
    () => fail(invalid([{ field: 'party.0', rule: 'expected a player' }])),
    one('party.0', 'a player'),
  ],
  'a name that is none': [() => checkName('playerId', 'a.*'), one('playerId', 'expected 1 to 128')],
  'a number out of bounds': [() => checkWhole('limit', 7, 1, 5), one('limit', 'from 1 to 5')],
  'a route that is none': [() => clientTarget('a.b.c'), one('route', 'expected <server type>')],
  'an error of a game without details': [
    () => fail(new RpcError('INVALID', { message: 'secret' })),
    [unsaid],
  ],
  'a sentence for Nest': [() => fail(new BadRequestException('No such sword')), one('', 'No such sword')],
  'sentences for Nest': [
    () => fail(new BadRequestException(['text must be short'])),
    one('text', 'must be short'),
  ],
};

function fail(error: Error): never {
  throw error;
}

const failing = serverHandler({ serverType: 'shape', handler: 'fail', payload: String });

@Controller()
class Doors {
  @ServerHandler(failing)
  fail(what: string): void {
    faults[what][0]();
  }

  @MessagePattern({ serverId: 'shape', handler: 'say' })
  @UsePipes(new ValidationPipe())
  say(@Payload() _line: Line): void {}

  @Post('fail')
  failOverHttp(@Body() { what }: { what: string }): void {
    faults[what][0]();
  }

  @Post('say')
  @UsePipes(new ValidationPipe())
  sayOverHttp(@Body() _line: Line): void {}
}

@WebSocketGateway()
@UseFilters(SocketErrors)
class Gateway {
  /** The edge's own adapter gives a socket its handlers; here nothing does. */
  handleConnection(client: object): void {
    Object.assign(client, { handlers: [] });
  }

  @SubscribeMessage('fail')
  fail(@MessageBody() what: string): void {
    faults[what][0]();
  }

  @SubscribeMessage('say')
  @UsePipes(new ValidationPipe())
  say(@MessageBody() _line: Line): void {}
}

describe('INVALID', () => {
  let nats: NatsServer;
  let app: NestFastifyApplication;
  let socket: Socket;

  beforeAll(async () => {
    nats = await startNats();
    const identity = { serverId: 'shape-0', serverType: 'shape', version: '1.0.0000' };
    const imports = [RpcModule.forRoot({ identity, natsAddress: nats.address })];
    const root = { module: class {}, imports, controllers: [Doors], providers: [Gateway] };
    app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter(), { logger: false });
    app.useGlobalFilters(new ProblemFilter(new AllowedMethods()));
    app.useWebSocketAdapter(new IoAdapter(app));
    app.connectMicroservice<AsyncMicroserviceOptions>({
      inject: [RpcServer],
      useFactory: (strategy: RpcServer) => ({ strategy }),
    });
    await app.startAllMicroservices();
    await app.listen(0, '127.0.0.1');
    socket = io(await app.getUrl(), { transports: ['websocket'] });
    await new Promise<void>((resolve) => socket.once('connect', resolve));
  });

  afterAll(async () => {
    socket.disconnect();
    await app.close();
    await nats.stop();
  });

  /** The details of each way's answer: RPC, socket, HTTP. */
  async function tellings(
    name: string,
    rpcData: unknown,
    body: object = { what: rpcData },
  ): Promise<unknown[]> {
    const call = app.get(RpcService).doRPC({ serverId: 'shape-0', handler: name }, rpcData);
    const byRpc = await call.catch((error: RpcError) => error.toPublic());
    const { error: bySocket } = await socket.timeout(5_000).emitWithAck(name, rpcData);
    const response = await fetch(`${await app.getUrl()}/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const byHttp: unknown = await response.json();
    return [byRpc, bySocket, byHttp];
  }

  it.each(Object.entries(faults))(
    'has one shape over RPC, socket and HTTP: %s',
    async (what, [, problems]) => {
      const told = { code: 'INVALID', retryable: false, details: { problems } };
      for (const telling of await tellings('fail', what)) {
        expect(telling).toMatchObject(told);
        expect(JSON.stringify(telling)).not.toContain('secret');
      }
    },
  );

  it('has one shape over RPC, socket and HTTP: ValidationPipe', async () => {
    const problems = [{ field: 'text', rule: 'text must be a string' }];
    for (const telling of await tellings('say', { text: 7 }, { text: 7 }))
      expect(telling).toMatchObject({ code: 'INVALID', details: { problems } });
  });
});
