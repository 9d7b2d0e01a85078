import { Module } from '@nestjs/common';
import { MatchmakerModule } from '@ccgame/matchmaker';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { matchmaker } from '#game/matchmaker.js';

@Module({ imports: [ServerModule, RpcModule.forRoot(), MatchmakerModule.forRoot(matchmaker)] })
export class MatchingModule {}
