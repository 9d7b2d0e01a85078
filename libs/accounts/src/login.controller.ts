import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { SkipThrottle } from '@nestjs/throttler';
import { LoginDto, LoginResult } from './http.js';
import { TokenSigner } from '@ccgame/sessions';
import { RateLimitGuard } from '@ccgame/http';
import { GuestAccounts } from './guest-accounts.js';

@ApiTags('players')
@UseGuards(RateLimitGuard)
@SkipThrottle({ key: true })
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
