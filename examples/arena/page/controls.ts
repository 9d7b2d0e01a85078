/// <reference lib="dom" />
import { field, type Point } from '../src/rules.js';

const directions: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  KeyA: [-1, 0],
  ArrowRight: [1, 0],
  KeyD: [1, 0],
  ArrowUp: [0, -1],
  KeyW: [0, -1],
  ArrowDown: [0, 1],
  KeyS: [0, 1],
};
const sendEveryMs = 80;
/** From so far on, in points of the field, a finger means full speed. */
const fullAt = 80;

/**
 * Keyboard, mouse and touch as one direction, -1 to 1 each.
 *
 * @param own where the player's disc is
 * @param onSteer called when the direction is another one, some 12 times a second at most
 */
export function followControls(
  canvas: HTMLCanvasElement,
  own: () => Point | undefined,
  onSteer: (x: number, y: number) => void,
): void {
  const pressed = new Set<string>();
  let finger: Point | undefined;
  let last = '0,0';
  const wanted = (): Point => (finger ? toFinger(finger, own()) : ofKeys(pressed));
  addEventListener('keydown', (event) => {
    if (!(event.code in directions)) return;
    event.preventDefault();
    pressed.add(event.code);
  });
  addEventListener('keyup', (event) => pressed.delete(event.code));
  addEventListener('blur', () => pressed.clear());
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    finger = pointOf(canvas, event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (finger) finger = pointOf(canvas, event);
  });
  for (const end of ['pointerup', 'pointercancel'] as const)
    canvas.addEventListener(end, () => (finger = undefined));
  setInterval(() => {
    const { x, y } = wanted();
    if (`${x},${y}` === last) return;
    last = `${x},${y}`;
    onSteer(x, y);
  }, sendEveryMs);
}

function ofKeys(pressed: Set<string>): Point {
  const parts = [...pressed].map((code) => directions[code] ?? [0, 0]);
  const sum = (axis: 0 | 1): number => clamp(parts.reduce((all, part) => all + part[axis], 0));
  return { x: sum(0), y: sum(1) };
}

function toFinger(finger: Point, own: Point | undefined): Point {
  if (!own) return { x: 0, y: 0 };
  return { x: coarse((finger.x - own.x) / fullAt), y: coarse((finger.y - own.y) / fullAt) };
}

/** Tenths: a disc on its way to a finger that rests doesn't need an input a frame. */
const coarse = (value: number): number => Math.round(clamp(value) * 5) / 5;
const clamp = (value: number): number => Math.max(-1, Math.min(1, value));

function pointOf(canvas: HTMLCanvasElement, { clientX, clientY }: PointerEvent): Point {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  return { x: ((clientX - left) / width) * field.width, y: ((clientY - top) / height) * field.height };
}
