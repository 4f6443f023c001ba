// How long what FaDO gives out is good for. An address carries the right to do what it says, to whoever has it.

/** Of an address, in seconds: a transfer that began within it may go on. */
export const addressSeconds = 900
/** Within which an object that was sent in one piece must be completed: a slow line still sends then. */
export const onePieceSeconds = 3_600
/** Since addresses of parts were last asked for: an upload that was cut in the evening goes on in the morning. */
export const inPartsSeconds = 24 * 3_600

export const addressEnd = (): Date => new Date(Date.now() + addressSeconds * 1_000)
