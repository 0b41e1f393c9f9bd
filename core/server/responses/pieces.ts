/** A part of an answer; texts are sent as UTF-8. */
export type Piece = string | Uint8Array

/** Pieces put together in order. */
export function joinPieces(pieces: Iterable<Piece>): Buffer {
  return Buffer.concat(
    Array.from(pieces, (piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)),
  )
}

/** How many bytes they are. */
export function lengthOfPieces(pieces: readonly Piece[]): number {
  let length = 0
  for (const piece of pieces) length += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length
  return length
}
