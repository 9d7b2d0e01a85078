import { IsInt, IsString } from 'class-validator';

/** The answer to `POST /v1/login`. */
export class LoginResult {
  @IsString()
  playerId: string;

  /** Goes into the socket's handshake. */
  @IsString()
  token: string;

  @IsInt()
  expiresInSeconds: number;
}
