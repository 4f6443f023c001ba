// What the API would refuse, found before anything is made: three mutations make a cluster, and a fault in the last one
// would leave the first two behind. What only the store itself can tell is left to the API.
import type { ClusterPartsFragment } from '../../graphql/generated/operations.ts'
import { type ClusterDraft, functionsInput, type Step, type StepRefusal, storeInput } from './cluster-draft.ts'

type Problem = readonly [field: string, message: string]
const when = (is: boolean, field: string, message: string): readonly Problem[] => (is ? [[field, message]] : [])

/** As the API has them. */
const nameShape = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
const regionShape = /^[A-Za-z0-9-]{1,64}$/
const mostWeight = 128
const nameWords = '1 to 63 letters, digits, dots, dashes and underscores'
const addressWords = 'http://host:port or https://host'

function urlOf(text: string): URL | null {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' ? url : null
}
const isBase = (text: string) => {
  const url = urlOf(text)
  return url !== null && url.search === '' && url.hash === ''
}
/** As the API keeps it. */
const baseOf = (text: string) => {
  const url = urlOf(text)
  return url === null ? null : url.origin + url.pathname.replace(/\/+$/, '')
}

/** Whether the name is taken the API says: nothing is made before this step, and a second try may mean the first's cluster. */
function checkCluster(draft: ClusterDraft): readonly Problem[] {
  const badZone = draft.zones.some((one) => !nameShape.test(one))
  return [
    ...when(!nameShape.test(draft.name.trim()), 'name', `A cluster's name is ${nameWords}.`),
    ...when(badZone, 'zones', `A zone is ${nameWords}.`),
  ]
}

function checkStore(draft: ClusterDraft, known: readonly ClusterPartsFragment[]): readonly Problem[] {
  const { name, endpoint, accessKey, secretKey } = storeInput(draft)
  const [region, publicEndpoint] = [draft.region.trim(), draft.publicEndpoint.trim()]
  const caCertificates = draft.caCertificates.trim()
  const stores = known.flatMap((one) => one.storageDeployments)
  return [
    ...when(!isBase(endpoint), 'endpoint', `An endpoint is ${addressWords}, with at most a path after it.`),
    ...when(
      stores.some((one) => isBase(endpoint) && one.endpoint === baseOf(endpoint)),
      'endpoint',
      'A store is registered there already.',
    ),
    ...when(accessKey === '', 'accessKey', 'An access key is needed: the store is tried with it.'),
    ...when(secretKey === '', 'secretKey', 'A secret key is needed: the store is tried with it.'),
    // An empty one is the cluster's, and told there.
    ...when(draft.store.trim() !== '' && !nameShape.test(name), 'name', `A store's name is ${nameWords}.`),
    ...when(
      stores.some((one) => one.name === name),
      'name',
      `There is a store ${name} already.`,
    ),
    ...when(region !== '' && !regionShape.test(region), 'region', 'A region is letters, digits and dashes.'),
    ...when(
      publicEndpoint !== '' && !isBase(publicEndpoint),
      'publicEndpoint',
      `A public endpoint is ${addressWords}, with at most a path after it.`,
    ),
    ...when(
      caCertificates !== '' && !endpoint.startsWith('https:'),
      'caCertificates',
      'Authorities are of no use with http: give an https endpoint.',
    ),
  ]
}

function checkFunctions(draft: ClusterDraft, known: readonly ClusterPartsFragment[]): readonly Problem[] {
  const { url, weight } = functionsInput(draft)
  const taken = known.flatMap((one) => one.faasDeployments).some((one) => one.url === url.replace(/\/+$/, ''))
  const isWeight = Number.isInteger(weight) && weight >= 1 && weight <= mostWeight
  return [
    ...when(!isBase(url), 'url', `A URL is ${addressWords}, with a path if need be.`),
    ...when(taken, 'url', 'Functions are registered there already.'),
    ...when(!isWeight, 'weight', `A weight is a whole number from 1 to ${mostWeight}.`),
  ]
}

const checks = { cluster: checkCluster, store: checkStore, functions: checkFunctions }

/** All that is wrong in the given steps, each at its field. */
export function checkDraft(
  draft: ClusterDraft,
  steps: readonly Step[],
  known: readonly ClusterPartsFragment[],
): readonly StepRefusal[] {
  return steps.flatMap((step) =>
    checks[step](draft, known).map(
      ([field, message]): StepRefusal => ({ step, refusal: { code: 'VALIDATION_FAILED', message, path: [field] } }),
    ),
  )
}
