import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { ClientHandler, clientHandler, RpcModule } from '@ccgame/rpc';
import { runServer, ServerModule } from '@ccgame/server';
import { EchoDto } from './echo.dto.js';

const echo = clientHandler({ serverType: 'bench', handler: 'echo', payload: EchoDto, result: EchoDto });

/** A back end that answers with what it was asked, with everything on. */
@Controller()
class EchoController {
  @ClientHandler(echo)
  echo(payload: EchoDto): EchoDto {
    return payload;
  }
}

@Module({ imports: [ServerModule, RpcModule.forRoot()], controllers: [EchoController] })
class EchoModule {}

await runServer({ module: () => Promise.resolve(EchoModule) });
