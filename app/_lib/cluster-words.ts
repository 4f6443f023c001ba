// A cluster, and all of them, in one sentence.
import { isInTrouble } from '../../server/domain/fleet/in-trouble.ts'
import { allOf, count, plural } from './format.ts'
import { clusterSign, isComingBack, type KnownCluster, refusing, takesDataAndCalls } from './health.ts'
import { name, names, type Parts, say, sentences } from './parts.ts'
import { sentence } from './sentence.ts'

export function clusterSentence(cluster: KnownCluster): Parts {
  if (cluster.state === 'DELETING') return say`Being deleted: its copies go first.`
  return sentences([storeSentence(cluster), functionsSentence(cluster)])
}

function storeSentence({ storageDeployments: stores }: KnownCluster): Parts {
  if (stores.length === 0) return say`No store: it holds no data.`
  const down = stores.filter((store) => store.health.status === 'UNHEALTHY')
  if (down.length > 0) {
    const stores = say`Its ${down.length === 1 ? 'store' : 'stores'} ${names(down.map((store) => store.name))}`
    const detail = down.length === 1 ? (down[0]?.health.detail ?? null) : null
    return [
      ...stores,
      down.length === 1 ? ' is down.' : ' are down.',
      ...(detail === null ? [] : [` ${sentence(detail)}`]),
    ]
  }
  const ill = stores.filter(isInTrouble)
  if (ill.length > 0)
    return say`Its ${ill.length === 1 ? 'store' : 'stores'} ${names(ill.map((store) => store.name))} ${ill.length === 1 ? 'is' : 'are'} in trouble.`
  const back = stores.filter(isComingBack)
  if (back.length > 0)
    return say`Its ${back.length === 1 ? 'store' : 'stores'} ${names(back.map((store) => store.name))} ${back.length === 1 ? 'is' : 'are'} coming back.`
  return stores.length === 1 && stores[0]
    ? say`Its store ${name(stores[0].name)} answers.`
    : say`${allOf(stores.length, 'store')} answer.`
}

function functionsSentence(cluster: KnownCluster): Parts {
  const { faasDeployments: all } = cluster
  if (all.length === 0) return say`No function platform: it gets no calls.`
  const ill = all.filter((one) => one.health.status === 'UNHEALTHY')
  if (ill.length === all.length) return say`No function platform answers.`
  if (ill.length > 0)
    return say`${count(ill.length)} of ${plural(all.length, 'function platform')} ${ill.length === 1 ? 'does' : 'do'} not answer.`
  const unknown = all.filter((one) => one.health.status === 'UNKNOWN').length
  if (unknown > 0) return say`${plural(unknown, 'function platform')} ${unknown === 1 ? 'is' : 'are'} being probed.`
  const few = refusing(cluster)
  const back = few === 0 ? all.filter(isComingBack).length : 0
  if (back > 0)
    return all.length === 1
      ? say`Its functions are coming back.`
      : say`${count(back)} of ${plural(all.length, 'function platform')} ${back === 1 ? 'is' : 'are'} coming back.`
  if (all.length === 1)
    return few === 0 ? say`Its functions answer.` : say`Its functions answer, but refuse FaDO's key.`
  const answer = say`${allOf(all.length, 'function platform')} answer`
  return few === 0
    ? say`${answer}.`
    : say`${answer}, but ${count(few)} of them ${few === 1 ? 'refuses' : 'refuse'} FaDO's key.`
}

/** What is to be said of clusters with a mark: one, and several. */
const notWell: Readonly<Record<string, readonly [one: string, several: string]>> = {
  down: ['is down', 'are down'],
  silent: ['is silent', 'are silent'],
  'coming back': ['is coming back', 'are coming back'],
  'takes no calls': ['takes no calls', 'take no calls'],
  degraded: ['is degraded', 'are degraded'],
  'no store': ['has no store', 'have no store'],
  'no functions': ['has no functions', 'have no functions'],
  empty: ['has neither store nor functions', 'have neither store nor functions'],
  'not known yet': ['is being looked at', 'are being looked at'],
  'being deleted': ['is being deleted', 'are being deleted'],
}
/** More are counted. */
const mostNamed = 3

/** How many clusters take data and calls, and what is with the others. */
export function clustersSentence(clusters: readonly KnownCluster[]): Parts {
  const all = clusters.length
  const taking = clusters.filter(takesDataAndCalls).length
  const marks = clusters.map((cluster) => ({ cluster: cluster.name, word: clusterSign(cluster).word }))
  const others = Object.entries(notWell).flatMap(([word, [one, several]]): Parts[] => {
    const those = marks.filter((mark) => mark.word === word).map((mark) => mark.cluster)
    if (those.length === 0) return []
    const who: Parts = those.length > mostNamed ? [count(those.length)] : names(those)
    return [[...who, ` ${those.length === 1 ? one : several}`]]
  })
  return [takingWords(taking, all), ...others.flatMap((one, index) => [index === 0 ? '; ' : ', ', ...one]), '.']
}

function takingWords(taking: number, all: number): string {
  if (all === 1)
    return taking === 1 ? 'The one cluster takes data and calls' : 'The one cluster does not take data and calls'
  if (taking === all) return `${allOf(all, 'cluster')} take data and calls`
  return `${count(taking)} of ${plural(all, 'cluster')} ${taking === 1 ? 'takes' : 'take'} data and calls`
}
