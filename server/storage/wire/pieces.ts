// Pieces of bytes on their way from one connection to another, used again and again: to make one anew costs more than to fill
// it, and what is thrown away has to be collected.

/** Bytes in a piece; what is far smaller would waste one. */
export const pieceBytes = 262_144
const smallest = 16_384
/** Kept while nobody uses them: 16 MB. */
const mostFree = 64

const free: Buffer[] = []
const lent = new WeakMap<ArrayBufferLike, Buffer>()

/** A copy of the bytes, at most a piece of them. Who has it last gives it back, or lets it go as any other buffer. */
export function pieceOf(bytes: Buffer): Buffer {
  if (bytes.length < smallest) return Buffer.from(bytes)
  const piece = free.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)
  lent.set(piece.buffer, piece)
  piece.set(bytes)
  return piece.subarray(0, bytes.length)
}

/** Nobody reads it any more. Of other bytes than pieces nothing is kept. */
export function giveBack(bytes: Uint8Array): void {
  const piece = lent.get(bytes.buffer)
  if (piece === undefined) return
  lent.delete(bytes.buffer)
  if (free.length < mostFree) free.push(piece)
}
