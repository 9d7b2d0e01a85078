import { Module } from '@nestjs/common';
import { MatchmakerModule } from '@ccgame/matchmaker';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { matchmaker } from '#game/matchmaker.js';

/** The server type `matching`: the modes of game/. */
@Module({ imports: [ServerModule, RpcModule.forRoot(), MatchmakerModule.forRoot(matchmaker)] })
export class MatchingModule {}
