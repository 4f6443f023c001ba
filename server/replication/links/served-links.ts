// The links that this mover was told to work on, as they can be followed now, and its row that says so.
import { endMover, renewMover } from '../../db/copies/movers.ts'
import type { Sql } from '../../db/core/pool.ts'
import type { Link } from '../../domain/links/link.ts'
import {
  type LinkRule,
  linkRuleWords,
  resolveRules,
  type ServedLinks,
  servesLink,
} from '../../domain/links/served-links.ts'
import { listOf } from '../../domain/reason.ts'
import type { Log } from '../../log.ts'
import { startWorkLoop } from '../../work-loop.ts'

export type LinksServed = {
  /** By ids. Until the stores are known: none, where some are named. */
  now(): ServedLinks
  serves(link: Link): boolean
  stop(): Promise<void>
}

/** What begins to be served is seen within a second: the loops look so often in any case. */
export function startServedLinks(deps: {
  readonly sql: Sql
  readonly owner: string
  readonly rules: readonly LinkRule[] | null
  readonly log: Log
}): LinksServed {
  const { sql, owner, rules, log } = deps
  let served: ServedLinks = rules === null ? null : []
  let told = ''

  function resolve(ids: ReadonlyMap<string, string>): void {
    if (rules === null) return
    const { served: next, unknown } = resolveRules(rules, ids)
    served = next
    const names = listOf(unknown)
    if (names === told) return
    told = names
    const links = listOf(rules.map(linkRuleWords))
    if (names === '') log.info({ links }, 'all stores that this mover serves are there')
    else log.warn({ links, unknown }, `no store is named ${names}: a link that names it is served once it is added`)
  }
  const loop = startWorkLoop({
    retryMs: 1_000,
    onError: (error) => log.warn({ err: error }, 'a mover could not say that it lives'),
    async step() {
      resolve(await renewMover(sql, owner, rules))
      return 1
    },
  })
  return {
    now: () => served,
    serves: (link) => servesLink(served, link),
    async stop() {
      await loop.stop()
      await endMover(sql, owner).catch((error: unknown) =>
        log.debug({ err: error }, 'a mover could not say that it ends'),
      )
    },
  }
}
