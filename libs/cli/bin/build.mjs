import { build, root } from './prepare.mjs';

process.chdir(root);
build();
