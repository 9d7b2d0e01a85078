import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { LoginResult } from '@ccgame/protocol';
import { LoginDto } from './login.dto.js';
import { Sanctions, TokenSigner } from '@ccgame/sessions';
import { AnswersErrors, LimitBy, RateLimitGuard, Repeatable } from '@ccgame/http';
import { GuestAccounts } from './guest-accounts.js';

/** `POST /v1/login`: a device's id becomes a guest's token. */
@ApiTags('players')
@UseGuards(RateLimitGuard)
@LimitBy('loginsOfAddress', 'loginsOfDevice')
@Controller('v1/login')
export class LoginController {
  constructor(
    private readonly guests: GuestAccounts,
    private readonly tokens: TokenSigner,
    private readonly sanctions: Sanctions,
  ) {}

  @Post()
  @Repeatable()
  @HttpCode(200)
  @ApiOperation({ summary: 'Logs a guest in by the device id, and makes one at the first time' })
  @AnswersErrors('BANNED')
  @ApiOkResponse({ type: LoginResult })
  async login(@Body() { deviceId }: LoginDto): Promise<LoginResult> {
    const playerId = await this.guests.playerOf(deviceId);
    this.sanctions.assertNotBanned(playerId);
    return { playerId, ...this.tokens.sign(playerId) };
  }
}
