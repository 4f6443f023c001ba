// Buckets on which nobody may call, as what needs a person.
import type { ClosedBucketsQuery } from '../../graphql/generated/operations.ts'
import { namesNobody } from '../../server/domain/explain/say-decision.ts'
import { listOf } from '../../server/domain/reason.ts'
import type { Attention } from './attention-item.ts'
import { plural } from './format.ts'
import { bucketHref, closedBucketsHref } from './hrefs.ts'
import { name, say } from './parts.ts'
import { sentence } from './sentence.ts'

/** `nodes`: the first of them, by name. */
export type ClosedBuckets = Pick<ClosedBucketsQuery['buckets'], 'nodes' | 'totalCount'>

const mostNamed = 4

/** Told once: who deletes a caller may close many. */
export function closedTrouble({ nodes, totalCount: total }: ClosedBuckets): Attention[] {
  const [first] = nodes
  if (first === undefined) return []
  const alone = total === 1
  const names = nodes.map((bucket) => bucket.name)
  const which = alone ? '' : `${listOf(names, mostNamed, total)}. `
  return [
    {
      id: 'closed',
      glyph: 'fail',
      tone: 'bad',
      what: alone ? say`Nobody may call ${name(first.name)}` : say`Nobody may call ${plural(total, 'bucket')}`,
      why: `${which}${sentence(namesNobody())} Calls get 401 or 403 until it names one, or one of its names is created anew.`,
      href: alone ? bucketHref(first.name) : closedBucketsHref,
      act: 'Open',
      since: null,
      harm: 2,
    },
  ]
}
