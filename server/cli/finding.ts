// What `fado doctor` finds of one part.

export type Finding = {
  /** Whom it is of: this machine, or the FaDO that was asked. */
  readonly of: string
  readonly part: string
  /**
   * `missing`: FaDO runs without it, the demo does not. `not needed`: there is a database, so it is not for a demo. `not asked`:
   * only a FaDO that runs knows, or another one than this machine's was named.
   */
  readonly state: 'ok' | 'missing' | 'not needed' | 'not asked' | 'broken'
  readonly detail: string
  readonly cure: string | null
}
/** By who knows whom it is of. */
export type Found = Omit<Finding, 'of'>

export const ok = (part: string, detail: string): Found => ({ part, state: 'ok', detail, cure: null })
export const broken = (part: string, detail: string, cure: string | null): Found => ({
  part,
  state: 'broken',
  detail,
  cure,
})
export const notAsked = (part: string, detail: string): Found => ({ part, state: 'not asked', detail, cure: null })
