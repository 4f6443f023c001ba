// One thing that needs a person.
import type { LiveReplicasSubscription } from '../../graphql/generated/operations.ts'
import type { GlyphName, Tone } from './cells.ts'
import type { Parts } from './parts.ts'

export type LiveReplica = LiveReplicasSubscription['replicationProgress']['replica']

export type Attention = {
  readonly id: string
  readonly glyph: GlyphName
  readonly tone: Tone
  readonly what: Parts
  readonly why: string
  readonly href: string
  readonly act: string
  readonly since: string | null
  /** Lower is worse. */
  readonly harm: number
}

/** Worth knowing, and nothing is wrong: it is listed last and not counted. */
export const noticed = 9
export const isNotice = (thing: Attention): boolean => thing.harm === noticed
