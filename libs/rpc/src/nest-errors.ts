import { BaseRpcExceptionFilter } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';

let installed = false;

/**
 * Lets a handler's error through Nest's last filter as it is. That filter replaces everything by the text "Internal server
 * error" before a transport sees it, so no id could tie the answer to the log; see docs/decisions. Filters of the
 * app are asked first, as ever.
 */
export function passErrorsThrough(): void {
  if (installed) {
    return;
  }
  installed = true;
  BaseRpcExceptionFilter.prototype.catch = function (exception: unknown): Observable<never> {
    return throwError(() => exception);
  };
}
