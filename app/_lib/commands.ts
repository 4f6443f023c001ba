// Lines for the terminal, as the console offers them to be copied.
import type { CallerKind, IngressQuery } from '../../graphql/generated/operations.ts'

type Ingress = Pick<IngressQuery['ingress'], 'header' | 'url'>
type Store = {
  readonly endpoint: string
  readonly publicEndpoint: string | null
  readonly region: string | null
}

/** In double quotes, so that a shell takes it as it is. */
const quoted = (text: string) => `"${text.replace(/[\\"$`]/g, '\\$&')}"`
const withName = (text: string) => `${quoted(text).slice(0, -1)}$NAME"`

/** Puts an object on the master's store; S3 signs with a region even where there is none. */
export function putCommand(store: Store, bucketName: string): string {
  const url = `${store.publicEndpoint ?? store.endpoint}/${bucketName}/hello.txt`
  const signed = `--aws-sigv4 aws:amz:${store.region ?? 'us-east-1'}:s3 --user "$ACCESS_KEY:$SECRET_KEY"`
  return `curl ${signed} -T hello.txt ${quoted(url)}`
}

/** How who makes a call is known, by what only they have; undefined: nobody is proven. */
type Proof = CallerKind | undefined
type Call = {
  readonly method: string
  readonly path: string
  readonly bucket: string
  /** Others than these two. */
  readonly headers?: readonly { readonly name: string; readonly value: string }[]
  readonly proof: Proof
}

/** Certificates are shown elsewhere than the rest. */
const proofs: Readonly<Record<CallerKind, string>> = {
  KEY: '-H "Authorization: Bearer $KEY"',
  JWT: '-H "Authorization: Bearer $KEY"',
  CERTIFICATE: '--cert "$CERTIFICATE" --key "$KEY"',
}

/** `path`: in double quotes. */
const curl = ({ header, url }: Ingress, { method, path, bucket, headers = [], proof }: Call): string =>
  [
    'curl -i',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    ...(proof === undefined ? [] : [proofs[proof]]),
    ...(bucket === '' ? [] : [`-H ${quoted(`${header}: ${bucket}`)}`]),
    ...headers.map(({ name, value }) => `-H ${quoted(`${name}: ${value}`)}`),
    `${proof === 'CERTIFICATE' ? '"$INGRESS_TLS' : quoted(url).slice(0, -1)}${path.slice(1)}`,
  ].join(' ')

export const oneCallCommand = (ingress: Ingress, call: Call): string =>
  curl(ingress, { ...call, path: quoted(call.path) })

export const callCommand = (ingress: Ingress, bucket: string, proof?: Proof): string =>
  curl(ingress, { method: 'GET', path: withName('/function/'), bucket, proof })

/** Before there is a bucket. */
export const anyCallCommand = ({ header, url }: Ingress): string =>
  `curl -i -H "${header}: $BUCKET" ${withName(`${url}/function/`)}`
