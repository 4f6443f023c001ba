// What the demo prints when all is up. Every line works as it is printed, in another terminal of the same directory.
import type { DemoFile } from './demo-file.ts'

/** FADO_STATE_DIR as a prefix where the commands would not find the demo by themselves. */
export type NextStepsOptions = { readonly demo: DemoFile; readonly demoFile: string; readonly prefix: string }

const addresses = ({ demo }: NextStepsOptions) => `
  Console    ${demo.console}
  API        ${demo.graphql}
  Ingress    ${demo.ingress}
  Stores     ${demo.stores.map(({ name, endpoint }) => `${name} ${endpoint}`).join('   ')}
  Their keys ${[...new Set(demo.stores.map(({ accessKey, secretKey }) => `${accessKey}, secret ${secretKey}`))].join('   ')}`

export function seededSteps(options: NextStepsOptions): string {
  const { demo, prefix } = options
  const edge = demo.stores.find(({ name }) => name === 'edge')
  const bucket = 'sensor-readings'
  return `${addresses(options)}

Try this in another terminal, with the console beside it:

  # 1. put an object where the bucket's master is; FaDO copies it to the other stores
  curl --aws-sigv4 aws:amz:us-east-1:s3 --user ${edge?.accessKey}:${edge?.secretKey} -T package.json ${edge?.endpoint}/${bucket}/package.json

  # 2. a moment later call a function on it, a few times: the clusters that hold the data take turns
  curl -i -H 'X-FaDO-Bucket: ${bucket}' '${demo.ingress}/function/sha256?key=package.json'

  # 3. keep the data in Germany: the copy leaves cloud, and the calls go before it; the bucket is DEGRADED
  #    from then on, for two replicas are wanted and one cluster is left for them (undo it with zones=all)
  ${prefix}npx fado policy set zones=germany --bucket ${bucket}

  # watch where data and calls are
  ${prefix}npx fado get replicas --watch
  ${prefix}npx fado get routes --watch

Ctrl-C stops everything; what you changed is there at the next start.`
}

export function emptySteps(options: NextStepsOptions): string {
  const { demo, demoFile, prefix } = options
  const [store] = demo.stores
  const [functions] = demo.functions
  return `${addresses(options)}

No cluster is registered. In another terminal:

  # see FaDO at work: the first scenario of the paper that it re-makes. Three clusters are added, a bucket is copied to
  # all of them and then kept out of one by its zones, and functions are called all the while: no call may fail
  node_modules/.bin/node tests/contract/e1.mjs ${demoFile}

  # or begin a fleet of your own
  ${prefix}npx fado cluster add hpc --zones germany
  echo ${store?.secretKey} | ${prefix}npx fado store add hpc --cluster hpc --endpoint ${store?.endpoint} --access-key ${store?.accessKey}
  ${prefix}npx fado function add --cluster hpc --url ${functions?.url}
  ${prefix}npx fado --help

Ctrl-C stops everything.`
}
