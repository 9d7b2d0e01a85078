// The logger's own file: all of Nest takes longer to load than most specs run, and many need none of it.
import { Logger } from '@nestjs/common/services/logger.service.js';

/** Jest loads this before each test file: what servers log inside the test process is not what the report is about. */
Logger.overrideLogger(false);
