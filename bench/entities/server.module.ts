import { Controller, Module } from '@nestjs/common';
import { EntitiesModule } from '@ccgame/entities';
import { RpcModule, ServerHandler } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { echo, Sleeper, type StepDto } from './sleeper.js';

@Controller()
class EchoController {
  @ServerHandler(echo)
  echo(data: StepDto): StepDto {
    return data;
  }
}

@Module({
  imports: [ServerModule, RpcModule.forRoot(), EntitiesModule.forRoot({ entities: [Sleeper] })],
  controllers: [EchoController],
})
export class BedModule {}
