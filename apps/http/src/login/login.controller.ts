import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { LoginDto, LoginResult } from '#contracts';
import { TokenSigner } from '#sessions';
import { GuestAccounts } from './guest-accounts.js';

@ApiTags('players')
@Controller('v1/login')
export class LoginController {
  constructor(
    private readonly guests: GuestAccounts,
    private readonly tokens: TokenSigner,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Logs a guest in by his device id, and makes him at the first time' })
  @ApiOkResponse({ type: LoginResult })
  async login(@Body() { deviceId }: LoginDto): Promise<LoginResult> {
    const playerId = await this.guests.playerOf(deviceId);
    return { playerId, ...this.tokens.sign(playerId) };
  }
}
