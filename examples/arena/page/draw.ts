/// <reference lib="dom" />
import type { ArenaView } from '../src/arena-contracts.js';
import { type Disc, field, radiusOf } from '../src/rules.js';

const colours = ['#4f8cff', '#ff8a4f', '#5fd38d', '#d16fe0'];

/** Draws a state; without one, an empty field. */
export function drawView(canvas: HTMLCanvasElement, view: ArenaView | undefined, playerId: string): void {
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  pen.clearRect(0, 0, field.width, field.height);
  if (!view) return;
  for (const gem of view.gems) fillCircle(pen, gem.x, gem.y, 7, '#ffe066');
  for (const [seat, disc] of view.discs.entries())
    drawDisc(pen, disc, colours[seat] ?? '#fff', disc.id === playerId);
}

function drawDisc(pen: CanvasRenderingContext2D, disc: Disc, colour: string, isOwn: boolean): void {
  const radius = radiusOf(disc);
  fillCircle(pen, disc.x, disc.y, radius, colour);
  if (isOwn) {
    pen.lineWidth = 3;
    pen.strokeStyle = '#fff';
    pen.stroke();
  }
  pen.fillStyle = '#fff';
  pen.textAlign = 'center';
  pen.font = '14px system-ui';
  pen.fillText(String(disc.score), disc.x, disc.y + 5);
  pen.font = '11px system-ui';
  pen.fillText(isOwn ? 'you' : disc.isBot ? 'bot' : disc.id.slice(-4), disc.x, disc.y - radius - 6);
}

function fillCircle(
  pen: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  colour: string,
): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = colour;
  pen.fill();
}
