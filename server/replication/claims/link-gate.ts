/** Lets a few work at once, in the order of asking; events before bulk. Neither may take all places from the other. */
export type LinkGate = {
  /** Resolves to what gives the place back, which may be called twice. */
  enter(bulk: boolean): Promise<() => void>
}

export type LinkPlaces = {
  readonly perLink: number
  readonly keptForEvents: number
  readonly keptForBulk: number
}

export function createLinkGate({ perLink: places, keptForEvents, keptForBulk }: LinkPlaces): LinkGate {
  const waiting: Record<'events' | 'bulk', (() => void)[]> = { events: [], bulk: [] }
  let taken = 0
  let takenByBulk = 0

  function admit(): void {
    while (taken < places) {
      const bulkFirst = takenByBulk < keptForBulk && waiting.bulk.length > 0
      const bulkMay = takenByBulk < Math.max(1, places - keptForEvents)
      const [first, second] = bulkFirst ? [waiting.bulk, waiting.events] : [waiting.events, bulkMay ? waiting.bulk : []]
      const next = first.shift() ?? second.shift()
      if (next === undefined) return
      next()
    }
  }
  return {
    enter(bulk) {
      return new Promise((resolve) => {
        let left = false
        const leave = () => {
          if (left) return
          left = true
          taken--
          if (bulk) takenByBulk--
          admit()
        }
        waiting[bulk ? 'bulk' : 'events'].push(() => {
          taken++
          if (bulk) takenByBulk++
          resolve(leave)
        })
        admit()
      })
    },
  }
}
