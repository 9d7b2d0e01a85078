import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Config } from '#config';
import { ClientConfig } from '#contracts';

@ApiTags('client')
@Controller('v1/config')
export class ClientConfigController {
  @Get()
  @ApiOperation({ summary: 'The version and the addresses that this client should use' })
  @ApiOkResponse({ type: ClientConfig })
  get(): ClientConfig {
    const httpUrl = Config.PUBLIC_HTTP_URL ?? `http://127.0.0.1:${Config.HTTP_PORT}`;
    return {
      version: Config.VERSION,
      httpUrl,
      wsUrl: Config.PUBLIC_WS_URL ?? `ws://127.0.0.1:${Config.WS_PORT}`,
    };
  }
}
