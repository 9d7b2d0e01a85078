import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfiguredTokens } from './configured-tokens.js';
import { type TokenClaims, TokenVerifier } from './token-verifier.js';
import { TokensModule } from './tokens.module.js';

@Injectable()
class Database {
  findPlayer(token: string): string {
    return `player-of-${token}`;
  }
}

@Module({ providers: [Database], exports: [Database] })
class DatabaseModule {}

@Injectable()
class OurAccounts extends TokenVerifier {
  constructor(private readonly database: Database) {
    super();
  }

  verify(token: string): TokenClaims {
    return { playerId: this.database.findPlayer(token), expiresAt: Date.now() + 1_000 };
  }
}

/** As any feature module that checks tokens. */
@Injectable()
class Feature {
  constructor(readonly tokens: TokenVerifier) {}
}

@Module({ providers: [Feature], exports: [Feature] })
class FeatureModule {}

async function verifierWith(tokens: Parameters<typeof TokensModule.forRoot>[0]): Promise<TokenVerifier> {
  @Module({ imports: [TokensModule.forRoot(tokens), FeatureModule] })
  class Root {}
  const app = await NestFactory.createApplicationContext(Root, { logger: false });
  await app.close();
  return app.get(Feature).tokens;
}

describe("the players' tokens", () => {
  it('are checked by the class that the game names, with what that needs, in every feature', async () => {
    const verifier = await verifierWith({ verifier: OurAccounts, imports: [DatabaseModule] });
    expect(await verifier.verify('x')).toMatchObject({ playerId: 'player-of-x' });
  });

  it('are checked by the keys of the environment where the game names none', async () => {
    expect(await verifierWith({})).toBeInstanceOf(ConfiguredTokens);
  });
});
