/** The things that the servers of `RuleGame` (libs/cli/test) import, bundled: by itself each would load two thousand files. */
export { Controller, Get, Module } from '@nestjs/common';
export { HttpModule, httpSetup } from '@ccgame/http';
export { RpcModule } from '@ccgame/rpc';
export { runServer, ServerModule } from '@ccgame/server';
export { TokensModule } from '@ccgame/sessions';
