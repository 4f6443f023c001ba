// Whether something goes on with a link.

/** Of a link: what movers carry over it now. */
type Flow = { readonly moving: number; readonly bytesPerSecond: number | null; readonly comparing: object | null }
type Use = Flow & { readonly waiting: { readonly objects: number }; readonly pause: object | null }

export const isFlowing = ({ moving, bytesPerSecond, comparing }: Flow): boolean =>
  moving > 0 || bytesPerSecond !== null || comparing !== null

/** Something goes over it, waits for it, or it was paused. */
export const isUsed = (link: Use): boolean => isFlowing(link) || link.waiting.objects > 0 || link.pause !== null
