// A cluster with one real store, registered over the API.
import type { StoreProcess } from './store-process.ts'
import type { TestWeb } from './web.ts'

export async function registerStore(web: TestWeb, name: string, store: StoreProcess, zones: string[] = []) {
  const { endpoint, accessKey, secretKey } = store
  const made = await web.mutate('clusterCreate', { name, zones }, 'cluster { id }')
  if (made.code) throw new Error(JSON.stringify(made))
  const input = { cluster: name, name, endpoint, accessKey, secretKey }
  const added = await web.mutate('storageDeploymentAdd', input, 'storageDeployment { id }')
  if (added.code) throw new Error(JSON.stringify(added))
}

/** The database's id behind a global one. */
export const rowId = (globalId: string): string => Buffer.from(globalId, 'base64').toString().split(':')[1] ?? ''
