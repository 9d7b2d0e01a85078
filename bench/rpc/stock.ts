// (b) Nest's own NATS transport with its ValidationPipe.
import 'reflect-metadata';
import { Controller, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  MessagePattern,
  Payload,
  Transport,
  type MicroserviceOptions,
} from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { serverIsReady, serveRounds } from './driver.js';
import { BenchDto } from './payload.js';

@Controller()
class EchoController {
  @MessagePattern({ serverId: 'bench-0', handler: 'echo' })
  echo(@Payload() data: BenchDto): BenchDto {
    return data;
  }
}

const [, , role, address] = process.argv;
const transport = { transport: Transport.NATS as const, options: { servers: [address] } };
if (role === 'server') {
  const root = { module: class {}, controllers: [EchoController] };
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(root, {
    ...transport,
    logger: false,
  });
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
  await app.listen();
  serverIsReady();
} else {
  const client = ClientProxyFactory.create(transport);
  await client.connect();
  const pattern = { serverId: 'bench-0', handler: 'echo' };
  serveRounds((data) => firstValueFrom(client.send(pattern, data)));
}
