import { IsInt, IsString, Length, Matches } from 'class-validator';

/** `POST /v1/login` */
export class LoginDto {
  /** Made by the client once and kept on the device; whoever knows it is this guest. */
  @IsString()
  @Length(8, 128)
  // UTF-8 has no lone surrogates: all would become one character, and devices one player.
  @Matches(/^\P{Surrogate}*$/u, { message: 'deviceId must be well-formed Unicode' })
  deviceId: string;
}

export class LoginResult {
  @IsString()
  playerId: string;

  /** Goes into the socket's handshake. */
  @IsString()
  token: string;

  @IsInt()
  expiresInSeconds: number;
}
