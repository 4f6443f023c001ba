/** Lets a few work at once, in the order of asking; events before bulk, which may not take all places. */
export type LinkGate = {
  /** Resolves to what gives the place back, which may be called twice. */
  enter(bulk: boolean): Promise<() => void>
}

export function createLinkGate(places: number, keptForEvents: number): LinkGate {
  const waiting: Record<'events' | 'bulk', (() => void)[]> = { events: [], bulk: [] }
  let taken = 0
  let takenByBulk = 0

  function admit(): void {
    while (taken < places) {
      const bulkMay = takenByBulk < Math.max(1, places - keptForEvents)
      const next = waiting.events.shift() ?? (bulkMay ? waiting.bulk.shift() : undefined)
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
