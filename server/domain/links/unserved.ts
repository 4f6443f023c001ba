// A link without a mover.

/** Of a link: the movers that run and work on it, and the copies that get what changes over it. */
type Service = { readonly movers: number; readonly copies: number }

/** Copies get nothing over it, for no mover works on it. */
export const isUnserved = ({ movers, copies }: Service): boolean => movers === 0 && copies > 0
