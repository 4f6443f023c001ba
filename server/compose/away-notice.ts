// What pages that stay open are told with each answer to a ping: that FaDO cannot work now, though it answers.

/** A look that fails once may have met a moment with much to do. */
const enough = 2

/**
 * Whether FaDO cannot work, by the looks before, for an answer to a ping waits for no database: two looks in a row found so. Each
 * question begins a look, unless one is under way.
 */
export function createAwayNotice(whyNotReady: () => Promise<string | undefined>): () => boolean {
  let looking = false
  let missed = 0
  async function look(): Promise<void> {
    looking = true
    missed = (await whyNotReady()) === undefined ? 0 : missed + 1
    looking = false
  }
  return () => {
    if (!looking) void look()
    return missed >= enough
  }
}
