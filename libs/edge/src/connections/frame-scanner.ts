const finalFlag = 0x80;
/** Every control frame's opcode has it; such a frame may come in the middle of a message. */
const controlFlag = 0x08;
const maskFlag = 0x80;
const lengthBits = 0x7f;

/**
 * Counts the WebSocket frames in what a client sends, without decoding them. A frame may begin and end anywhere in a chunk.
 * Source: RFC 6455, 5.2.
 */
export class FrameScanner {
  /** Frames whose header was read to its end. */
  frames = 0;
  /** Those of them that are pings, pongs and closes of the WebSocket itself. */
  controls = 0;
  /** A message has begun that is still to be ended by another frame. */
  isWithinMessage = false;
  private isControl = false;
  private payloadLeft = 0;
  private length = 0;
  private headerRead = 0;
  private headerLength = 2;
  private lengthEnds = 2;

  get isBetweenFrames(): boolean {
    return this.payloadLeft === 0 && this.headerRead === 0;
  }

  /** Reads at most one frame's bytes. Returns where in the chunk it ends, or the chunk's end. */
  scanFrame(chunk: Buffer, at: number): number {
    const payloadAt = this.payloadLeft > 0 ? at : this.scanHeader(chunk, at);
    const end = Math.min(chunk.length, payloadAt + this.payloadLeft);
    this.payloadLeft -= end - payloadAt;
    return end;
  }

  private scanHeader(chunk: Buffer, at: number): number {
    let next = at;
    while (this.headerRead < this.headerLength) {
      if (next === chunk.length) return next;
      this.scanHeaderByte(chunk[next] ?? 0);
      next += 1;
    }
    this.frames += 1;
    if (this.isControl) this.controls += 1;
    this.payloadLeft = this.length;
    this.headerRead = 0;
    this.headerLength = 2;
    return next;
  }

  private scanHeaderByte(byte: number): void {
    if (this.headerRead === 0) {
      this.isControl = (byte & controlFlag) !== 0;
      if (!this.isControl) this.isWithinMessage = !(byte & finalFlag);
    } else if (this.headerRead === 1) {
      const short = byte & lengthBits;
      const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
      this.length = extended > 0 ? 0 : short;
      this.lengthEnds = 2 + extended;
      this.headerLength = this.lengthEnds + (byte & maskFlag ? 4 : 0);
    } else if (this.headerRead < this.lengthEnds) {
      this.length = this.length * 256 + byte;
    }
    this.headerRead += 1;
  }
}
