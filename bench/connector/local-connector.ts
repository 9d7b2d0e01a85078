import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { EdgeModule } from '@ccgame/edge';
import { ClientHandler, clientHandler, RpcModule } from '@ccgame/rpc';
import { runServer, ServerModule } from '@ccgame/server';
import { TokensModule } from '@ccgame/sessions';
import { EchoDto } from './echo.dto.js';

const echo = clientHandler({ serverType: 'connector', handler: 'echo', payload: EchoDto, result: EchoDto });

/** A connector with everything on that answers with what it was asked, by itself. */
@Controller()
class EchoController {
  @ClientHandler(echo)
  echo(payload: EchoDto): EchoDto {
    return payload;
  }
}

@Module({
  imports: [
    ServerModule,
    RpcModule.forRoot({ coalesceWrites: true }),
    TokensModule.forRoot(),
    EdgeModule.forRoot({ handlers: [echo] }),
  ],
  controllers: [EchoController],
})
class LocalModule {}

await runServer({ module: () => Promise.resolve(LocalModule) });
