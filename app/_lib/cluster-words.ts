// A cluster in one sentence.
import type { ClusterPartsFragment } from '../../graphql/generated/operations.ts'
import { count, plural } from './format.ts'
import { name, names, type Parts, say, sentences } from './parts.ts'
import { sentence } from './words.ts'

export function clusterSentence(cluster: ClusterPartsFragment): Parts {
  if (cluster.state === 'DELETING') return say`Being deleted: its copies go first.`
  return sentences([storeSentence(cluster), functionsSentence(cluster)])
}

function storeSentence({ storageDeployments: stores }: ClusterPartsFragment): Parts {
  if (stores.length === 0) return say`No store: it holds no data.`
  const down = stores.filter((store) => store.health.status === 'UNHEALTHY')
  if (down.length > 0) {
    const why = down[0]?.health.detail
    const rest: Parts = why ? [` ${sentence(why)}`] : []
    return say`Its ${down.length === 1 ? 'store' : 'stores'} ${names(down.map((store) => store.name))} cannot be reached.${rest}`
  }
  return stores.length === 1 && stores[0]
    ? say`Its store ${name(stores[0].name)} answers.`
    : say`Its ${count(stores.length)} stores answer.`
}

function functionsSentence({ faasDeployments: all }: ClusterPartsFragment): Parts {
  if (all.length === 0) return say`No function platform: it gets no calls.`
  const ill = all.filter((one) => one.health.status === 'UNHEALTHY')
  if (ill.length === all.length) return say`No function platform answers.`
  if (ill.length > 0)
    return say`${count(ill.length)} of ${plural(all.length, 'function platform')} ${ill.length === 1 ? 'does' : 'do'} not answer.`
  const unknown = all.filter((one) => one.health.status === 'UNKNOWN').length
  if (unknown > 0) return say`${plural(unknown, 'function platform')} ${unknown === 1 ? 'is' : 'are'} being probed.`
  return all.length === 1 ? say`Its functions answer.` : say`All ${count(all.length)} function platforms answer.`
}
