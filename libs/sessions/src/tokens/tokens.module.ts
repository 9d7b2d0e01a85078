import { type DynamicModule, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { ConfiguredTokens } from './configured-tokens.js';
import { TokenVerifier } from './token-verifier.js';

/** How a server checks players' tokens. */
export interface TokensOptions {
  /** Checks the players' tokens. Default: by the keys of the environment, {@link ConfiguredTokens}. */
  verifier?: Type<TokenVerifier>;
  /** Modules whose providers the verifier needs. */
  imports?: ModuleMetadata['imports'];
}

/** Provides the one verifier of players' tokens for the whole server. */
@Module({})
export class TokensModule {
  /** Import it once, in the root module of a server that players reach. */
  static forRoot({ verifier = ConfiguredTokens, imports = [] }: TokensOptions = {}): DynamicModule {
    return {
      module: TokensModule,
      global: true,
      imports,
      providers: [{ provide: TokenVerifier, useClass: verifier }],
      exports: [TokenVerifier],
    };
  }
}
