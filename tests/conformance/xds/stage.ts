// What a scenario is played on: resources of one kind that come, change and go, and a client that hears of them.
import type { RoutingChange } from '../../../proxy/routing-change.ts'
import { messageNames, type ResourceType, typeUrl } from '../../../proxy/type-urls.ts'
import type { ClientRequest, ClientResponse } from '../../support/xds-stream.ts'

export type Service = 'CDS' | 'LDS' | 'RDS' | 'EDS' | 'SRDS'

/** One response, as far as it is about resources of the scenario: letters with their versions, and letters taken back. */
export type Heard = { readonly resources: ReadonlyMap<string, string>; readonly removed: readonly string[] }

export type Client = {
  /** Of the scenario's kind, by letters; `*`: all that there are. */
  readonly subscribe: (letters: readonly string[] | '*') => void
  /** Until the control plane has heard of it. */
  readonly unsubscribe: (letters: readonly string[]) => Promise<void>
  /** All responses since the last time, each ACKed, when nothing more comes. */
  readonly heard: () => Promise<readonly Heard[]>
}

/** Of several kinds at once there is one for each. */
export type Stage = {
  readonly client: Client
  readonly add: (letter: string) => void
  readonly update: (letter: string) => void
  readonly remove: (letter: string) => void
  /** What changes one changes all. */
  readonly changesAll: boolean
}

/** How a change reaches the control plane, and what a client asks for beside the scenario. */
export type Ground = {
  readonly apply: (change: RoutingChange) => void
  readonly ask: (type: ResourceType, request: ClientRequest) => void
}

/** A connection: what is sent on it, and who hears what comes. */
export type Wire = {
  readonly send: (request: ClientRequest) => void
  readonly onResponse: (hear: (response: ClientResponse) => void) => void
}

/**
 * One client on a connection, with an ear for each kind. It ACKs all. Nothing more comes when two questions for a secret that
 * does not exist were answered with no other response between: a stream keeps its order.
 */
export function createClient({ send, onResponse }: Wire) {
  const responses: ClientResponse[] = []
  let answered = 0
  let asked = 0
  let count = 0
  let wake = () => undefined as unknown
  const ask = (type: ResourceType, request: ClientRequest) =>
    send({ type_url: typeUrl(messageNames[type]), ...request })
  onResponse((response) => {
    if (response.type === 'secret') answered += response.removed.length
    else {
      responses.push(response)
      count++
    }
    ask(response.type, { response_nonce: response.nonce })
    wake()
  })

  async function quiet() {
    for (let before = -1; before !== count; ) {
      before = count
      asked++
      ask('secret', { resource_names_subscribe: [`of-nobody-${asked}`] })
      while (answered < asked) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        await promise
      }
    }
  }

  /** `nameOf`: what stands for a letter; `beside`: further names of the kind that it needs. */
  const ear = (
    type: ResourceType,
    nameOf: (letter: string) => string,
    letters: readonly string[],
    beside: string[],
  ): Client => {
    const letterOf = new Map(letters.map((letter) => [nameOf(letter), letter]))
    return {
      subscribe: (wanted) =>
        ask(type, wanted === '*' ? {} : { resource_names_subscribe: [...beside, ...wanted.map(nameOf)] }),
      unsubscribe(dropped) {
        ask(type, { resource_names_unsubscribe: dropped.map(nameOf) })
        return quiet()
      },
      async heard() {
        await quiet()
        const own = responses.filter((response) => response.type === type)
        for (const response of own) responses.splice(responses.indexOf(response), 1)
        return own
          .map(({ resources, removed }) => ({
            resources: new Map([...resources].flatMap(([name, version]) => pair(letterOf.get(name), version))),
            removed: removed.flatMap((name) => letterOf.get(name) ?? []),
          }))
          .filter(({ resources, removed }) => resources.size + removed.length > 0)
      },
    }
  }
  return { ask, ear, quiet }
}

const pair = (letter: string | undefined, version: string): [string, string][] =>
  letter === undefined ? [] : [[letter, version]]
