// What the API would refuse, found before anything is made: three mutations make a cluster, and a fault in the last one
// would leave the first two behind. What only the store itself can tell is left to the API.
import type { ClusterPartsFragment } from '../../graphql/generated/operations.ts'
import { addressWords, asRefusals, isBase, type Problem, urlOf, when } from './check-fields.ts'
import { checkFunctions } from './check-functions.ts'
import { type ClusterDraft, type Step, type StepRefusal, storeInput } from './cluster-draft.ts'

/** As the API has them. */
const nameShape = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
const regionShape = /^[A-Za-z0-9-]{1,64}$/
const nameWords = '1 to 63 letters, digits, dots, dashes and underscores'

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

const checks = {
  cluster: checkCluster,
  store: checkStore,
  functions: ({ functions }: ClusterDraft, known: readonly ClusterPartsFragment[]) =>
    checkFunctions(functions, { taken: known.flatMap((one) => one.faasDeployments.map(({ url }) => url)) }),
}

/** All that is wrong in the given steps, each at its field. */
export function checkDraft(
  draft: ClusterDraft,
  steps: readonly Step[],
  known: readonly ClusterPartsFragment[],
): readonly StepRefusal[] {
  return steps.flatMap((step) => asRefusals(checks[step](draft, known)).map((refusal) => ({ step, refusal })))
}
