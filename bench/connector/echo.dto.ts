import { IsInt, IsString } from 'class-validator';

export class EchoDto {
  @IsString()
  text: string;

  @IsInt()
  number: number;
}
