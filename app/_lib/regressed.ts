// What is said of a master that went backwards: what was found, and what each choice does.
import type { BucketPartsFragment, MasterChoice, RegressPartsFragment } from '../../graphql/generated/operations.ts'
import { list, plural } from './format.ts'

/** What is asked for only where a master is stopped. */
export type MayBeRegressed = BucketPartsFragment & { readonly master: Partial<RegressPartsFragment> }
export type Regressed = NonNullable<RegressPartsFragment['regressed']>

type Verb = readonly [one: string, many: string]
const said = (n: number, verb: Verb): readonly string[] =>
  n > 0 ? [`${plural(n, 'object')} ${verb[n === 1 ? 0 : 1]}`] : []

const counts = ({ missing, older }: Regressed, gone: Verb, old: Verb): string =>
  [...said(missing, gone), ...said(older, old)].join(' and ')

/** E.g. `2 objects are gone and 1 object is older than it was`. */
export function foundWords(found: Regressed): string {
  if (!found.hasBucket) return `even its bucket is gone, with ${plural(found.missing, 'object')}`
  return counts(found, ['is gone', 'are gone'], ['is older than it was', 'are older than they were'])
}

const replicas = ({ replicas: all }: Pick<BucketPartsFragment, 'replicas'>): readonly string[] =>
  all.map((one) => one.storageDeployment.name).sort()

const copyHas = (become: string) => `${become} again what the copy has`

/** Which objects come or go. */
export function effectWords(
  choice: MasterChoice,
  bucket: Pick<BucketPartsFragment, 'replicas' | 'master'>,
  found: Regressed,
): string {
  const home = bucket.master.storageDeployment.name
  if (choice === 'REBUILD')
    return `On ${home} ${counts(found, ['comes back', 'come back'], [copyHas('becomes'), copyHas('become')])}. What was written there since, and is newer, stays; nothing is deleted, so what had been deleted in the lost time is there again, on all copies.`
  const there = replicas(bucket)
  const where = there.length === 0 ? 'the copies' : list(there)
  return `On ${where} ${counts(found, ['is deleted', 'are deleted'], ['becomes the older one', 'become the older ones'])}, whatever the delete brake says. There is no way back.`
}

/** Names of stores whose copies may be whole. */
export const sourcesOf = (bucket: Pick<BucketPartsFragment, 'replicas'>): readonly string[] =>
  replicas({ replicas: bucket.replicas.filter((one) => one.state === 'IN_SYNC' || one.state === 'LAGGING') })

/** What may be chosen: there is a copy to rebuild it from, and a bucket to accept. */
export const choicesOf = (bucket: Pick<BucketPartsFragment, 'replicas'>, found: Regressed): readonly MasterChoice[] => [
  ...(sourcesOf(bucket).length > 0 ? (['REBUILD'] as const) : []),
  ...(found.hasBucket ? (['ACCEPT'] as const) : []),
]

/** The ways on, as a sentence. */
export function waysWords(bucket: Pick<BucketPartsFragment, 'replicas'>, found: Regressed): string {
  const accept = found.hasBucket ? ', or accept it as it is now' : ''
  if (sourcesOf(bucket).length > 0) return `Rebuild it from a copy${accept}.`
  const lack = bucket.replicas.length === 0 ? 'FaDO knows of no other copy' : 'No other copy is whole'
  return found.hasBucket
    ? `${lack}: put back what it lost${accept}.`
    : `${lack}: put the bucket back, or delete it here.`
}
