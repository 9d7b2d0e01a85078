import { IsString } from 'class-validator';

/** `GET /v1/config`: where this client is to connect, and with which version. */
export class ClientConfig {
  @IsString()
  version: string;

  @IsString()
  httpUrl: string;

  @IsString()
  wsUrl: string;
}
