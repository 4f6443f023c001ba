/**
 * Lets as many work at once as its limit says, each class in the order of asking; events before bulk. Neither may take all places
 * from the other. A limit that falls ends nothing that is under way.
 */
export type LinkGate = {
  /**
   * `places`: how many it takes, 1 or more; fewer where there are not so many for its class. Resolves to what gives them back, which
   * may be called twice.
   */
  enter(bulk: boolean, places: number): Promise<() => void>
  /** The limit may be another one. */
  changed(): void
  /** Places that are taken. */
  taken(): number
  /** Somebody waits. */
  isFull(): boolean
}

type Waiting = { readonly places: number; readonly go: (places: number) => void }
type Class = { readonly waiting: Waiting[]; taken: number }

/** Of so many places one is kept free for events, whatever bulk there is, and one is bulk's while events wait. */
const placesForAnEvent = 4
const placesForABulk = 8

/** `limit`: 2 or more. */
export function createLinkGate(limit: () => number): LinkGate {
  const events: Class = { waiting: [], taken: 0 }
  const bulk: Class = { waiting: [], taken: 0 }
  const taken = () => events.taken + bulk.taken

  /** Whether the first one that waits got in; `most`: places that its class may have now. */
  function admitFirst(of: Class, most: number): boolean {
    const [first] = of.waiting
    if (first === undefined) return false
    const places = Math.min(first.places, most)
    if (of.taken + places > most || taken() + places > limit()) return false
    of.waiting.shift()
    of.taken += places
    first.go(places)
    return true
  }
  function admitOne(): boolean {
    const all = limit()
    const [keptForEvents, keptForBulk] = [Math.ceil(all / placesForAnEvent), Math.ceil(all / placesForABulk)]
    const [eventsWait, bulkWaits] = [events.waiting.length > 0, bulk.waiting.length > 0]
    return (
      admitFirst(bulk, eventsWait ? keptForBulk : all - keptForEvents) ||
      admitFirst(events, bulkWaits ? all - keptForBulk : all)
    )
  }
  function admit(): void {
    while (admitOne());
  }
  return {
    enter(isBulk, places) {
      const own = isBulk ? bulk : events
      return new Promise((resolve) => {
        const go = (got: number) => {
          let left = false
          resolve(() => {
            if (left) return
            left = true
            own.taken -= got
            admit()
          })
        }
        own.waiting.push({ places, go })
        admit()
      })
    },
    changed: admit,
    taken,
    isFull: () => events.waiting.length + bulk.waiting.length > 0,
  }
}
