// Pieces of bytes on their way from one connection to another, used again and again: to make one anew costs more than to fill
// it, and what is thrown away has to be collected.

/** Bytes in a piece; what is far smaller would waste one. */
export const pieceBytes = 262_144
const smallest = 16_384
/** Kept while nobody uses them: 16 MB. */
const mostFree = 64

const free: Buffer[] = []
/** By what was handed out, and nothing else that looks at the same bytes. */
const lent = new WeakMap<Uint8Array, Buffer>()

/** A copy of the bytes, at most a piece of them. Who has it last gives it back, or lets it go as any other buffer. */
export function pieceOf(bytes: Buffer): Buffer {
  if (bytes.length < smallest) return Buffer.from(bytes)
  const piece = free.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)
  piece.set(bytes)
  const filled = piece.subarray(0, bytes.length)
  lent.set(filled, piece)
  return filled
}

/** Nobody reads it any more. Of a part of it nothing follows: the rest may still be on its way. Other bytes are left alone. */
export function giveBack(bytes: Uint8Array): void {
  const piece = lent.get(bytes)
  if (piece === undefined) return
  lent.delete(bytes)
  if (free.length < mostFree) free.push(piece)
}
