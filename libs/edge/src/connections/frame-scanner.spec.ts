import { FrameScanner } from './frame-scanner.js';

function frame(length: number, isMasked: boolean): Buffer {
  const short = length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 255] : undefined;
  const long = Buffer.alloc(9, 127);
  long.writeBigUInt64BE(BigInt(length), 1);
  const lengths = short ? Buffer.from(short) : long;
  lengths[0] |= isMasked ? 0x80 : 0;
  return Buffer.concat([Buffer.from([0x81]), lengths, Buffer.alloc((isMasked ? 4 : 0) + length, 0x81)]);
}

describe('the scanner of WebSocket frames', () => {
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 0, 3];
  const all = Buffer.concat(lengths.flatMap((length) => [frame(length, true), frame(length, false)]));

  it.each([1, 2, 3, 7, 64, 65_536, all.length])('counts every frame once in chunks of %d bytes', (size) => {
    const scanner = new FrameScanner();
    let bytes = 0;
    for (let from = 0; from < all.length; from += size) {
      const chunk = all.subarray(from, from + size);
      for (let at = 0; at < chunk.length;) {
        const end = scanner.scanFrame(chunk, at);
        bytes += end - at;
        at = end;
      }
    }
    expect([scanner.frames, bytes]).toEqual([lengths.length * 2, all.length]);
  });

  it('tells the frames that are the WebSocket’s own from those of messages', () => {
    const scanner = new FrameScanner();
    const ping = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);
    for (const bytes of [frame(3, true), ping, frame(0, true), ping]) scanner.scanFrame(bytes, 0);
    expect([scanner.frames, scanner.controls]).toEqual([4, 2]);
  });
});
