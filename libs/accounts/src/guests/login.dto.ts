import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length, Matches } from 'class-validator';

/** `POST /v1/login` */
export class LoginDto {
  /** Made by the client once and kept on the device; a client that knows it is this guest. */
  @ApiProperty({ example: '0b0f6a3e-5d2c-4a4e-8f50-7f6f3c0e9d11' })
  @IsString()
  @Length(8, 128)
  // No two spellings of one text, as `é` has in Unicode: they would be two players.
  @Matches(/^[!-~]*$/u, { message: 'deviceId must be printable ASCII without blanks' })
  deviceId: string;
}
