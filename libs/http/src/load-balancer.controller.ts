import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Readiness } from '@ccgame/server';

/**
 * `GET /` is what load balancers ask to learn whether a server lives. It says 503 while the server stops, so that they look
 * elsewhere, but not while NATS is away: with every server taken out there would be nobody left to say why.
 */
@ApiExcludeController()
@Controller()
export class LoadBalancerController {
  constructor(private readonly readiness: Readiness) {}

  @Get()
  answer(): string {
    if (this.readiness.state === 'draining') throw new ServiceUnavailableException('This server stops.');
    return 'ok\n';
  }
}
