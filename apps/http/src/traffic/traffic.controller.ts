import { Controller } from '@nestjs/common';
import { type Traffic, trafficHandlers } from '#contracts';
import { TrafficCounter } from '#releases';
import { ServerHandler } from '#rpc';

@Controller()
export class TrafficController {
  constructor(private readonly traffic: TrafficCounter) {}

  @ServerHandler(trafficHandlers.ofHttp)
  read(): Traffic {
    return this.traffic.read();
  }
}
