// A moment by both clocks of this process: the steady one stands still while its machine sleeps, and the other may be set.
export type Moment = { readonly steady: number; readonly wall: number }

export const thisMoment = (): Moment => ({ steady: performance.now(), wall: Date.now() })

/** Milliseconds since then, at the most. */
export const msSince = ({ steady, wall }: Moment): number => Math.max(performance.now() - steady, Date.now() - wall)
