import { IsInt } from 'class-validator';
import { entity } from '@ccgame/entities';

export class WalkDto {
  @IsInt() to: number;
}

/** Members see those who are near, and a spectator how many play. */
export interface FogView {
  players?: number;
  near?: Record<string, number>;
}

export const fog = entity({ serverType: 'play', name: 'fog', partitions: 4 });
export const walk = fog.clientHandler('walk', { payload: WalkDto });
export const seeFog = fog.viewHandler();
