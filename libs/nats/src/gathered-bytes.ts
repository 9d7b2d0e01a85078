const usualSize = 16 * 1024;
/** More room is given back once it is written. */
const mostKept = 64 * 1024;
/** Bytes of UTF-8 that a character of a string takes at most. */
const mostPerCharacter = 3;

/** Text and bytes one after another, copied once, into memory that is used again. */
export class GatheredBytes {
  private bytes = Buffer.allocUnsafeSlow(usualSize);
  private length = 0;

  get isEmpty(): boolean {
    return this.length === 0;
  }

  add(piece: string | Uint8Array): void {
    const isText = typeof piece === 'string';
    this.makeRoom(isText ? piece.length * mostPerCharacter : piece.length);
    if (isText) this.length += this.bytes.write(piece, this.length);
    else {
      this.bytes.set(piece, this.length);
      this.length += piece.length;
    }
  }

  /**
   * @param isHeld what is sent waits for a while: it is a copy then, and no more memory waits than that
   * @param send takes all that was gathered, and says whether it needs the bytes no longer
   */
  sendAll(isHeld: boolean, send: (bytes: Buffer) => boolean): void {
    const { bytes, length } = this;
    this.length = 0;
    const all = bytes.subarray(0, length);
    const isFree = send(isHeld ? Buffer.from(all) : all) || isHeld;
    if (!isFree || bytes.length > mostKept) this.bytes = Buffer.allocUnsafeSlow(usualSize);
  }

  private makeRoom(needed: number): void {
    const { bytes, length } = this;
    if (needed <= bytes.length - length) return;
    this.bytes = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, length + needed));
    bytes.copy(this.bytes, 0, 0, length);
  }
}
