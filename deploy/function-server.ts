// A function server of docker-compose.yml, which reads its own cluster's store.
// usage: node function-server.ts CLUSTER STORE_ENDPOINT PORT, with the store's keys in the environment
import { startFunctionServer } from '../server/demo/function-server.ts'
import { createStorageDriver } from '../server/storage/create-storage-driver.ts'

const [, , cluster = '', endpoint = '', port = '8080'] = process.argv
const { MINIO_ROOT_USER: accessKey = '', MINIO_ROOT_PASSWORD: secretKey = '' } = process.env
const store = createStorageDriver({ endpoint, region: 'us-east-1', accessKey, secretKey })
const server = await startFunctionServer({ cluster, store, address: '0.0.0.0', port: Number(port) })

process.once('SIGTERM', () => {
  void server.stop().then(() => store.close())
})
