import { Logger } from '@nestjs/common';

/** Jest loads this before each test file: what servers log inside the test process is not what the report is about. */
Logger.overrideLogger(false);
