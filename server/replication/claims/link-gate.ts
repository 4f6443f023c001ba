/** Lets a few work at once, in the order of asking; events before bulk. Neither may take all places from the other. */
export type LinkGate = {
  /** `places`: how many it takes, 1 or more. Resolves to what gives them back, which may be called twice. */
  enter(bulk: boolean, places: number): Promise<() => void>
}

export type LinkPlaces = {
  readonly perLink: number
  readonly keptForEvents: number
  readonly keptForBulk: number
}

type Waiting = { readonly places: number; readonly go: () => void }

export function createLinkGate({ perLink: all, keptForEvents, keptForBulk }: LinkPlaces): LinkGate {
  const waiting: Record<'events' | 'bulk', Waiting[]> = { events: [], bulk: [] }
  let taken = 0
  let takenByBulk = 0

  /** Who wants more than there can ever be gets what there is. */
  const fits = (one: Waiting | undefined, used: number, most: number): one is Waiting =>
    one !== undefined && (used + one.places <= most || used === 0)

  function next(): Waiting | undefined {
    const [event, bulk] = [waiting.events[0], waiting.bulk[0]]
    const bulkFits = fits(bulk, takenByBulk, Math.max(1, all - keptForEvents)) && fits(bulk, taken, all)
    if (bulkFits && takenByBulk < keptForBulk) return waiting.bulk.shift()
    if (fits(event, taken, all)) return waiting.events.shift()
    return event === undefined && bulkFits ? waiting.bulk.shift() : undefined
  }
  function admit(): void {
    for (let one = next(); one !== undefined; one = next()) one.go()
  }
  return {
    enter(bulk, places) {
      return new Promise((resolve) => {
        let left = false
        const leave = () => {
          if (left) return
          left = true
          taken -= places
          if (bulk) takenByBulk -= places
          admit()
        }
        const go = () => {
          taken += places
          if (bulk) takenByBulk += places
          resolve(leave)
        }
        waiting[bulk ? 'bulk' : 'events'].push({ places, go })
        admit()
      })
    },
  }
}
