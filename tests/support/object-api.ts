// The contract's operations on objects, as clients send them, on one real store (`bucketApi`).
import { createHash } from 'node:crypto'
import type { bucketApi } from './bucket-api.ts'

type Json = Readonly<Record<string, unknown>>
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers as they are
type Data = any
type Header = { readonly name: string; readonly value: string }
type Address = { readonly method: string; readonly url: string; readonly headers: readonly Header[] }

/** Sends to an address that FaDO gave, as a program outside does. */
export const send = (address: Address, body: Uint8Array<ArrayBuffer> | string): Promise<Response> =>
  fetch(address.url, {
    method: address.method,
    headers: Object.fromEntries(address.headers.map(({ name, value }) => [name, value])),
    body,
  })

export const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

export function objectApi(api: ReturnType<typeof bucketApi>) {
  const mutate = (name: string, input: Json, fields: string, token?: string): Promise<Data> =>
    api.web.mutate(name, input, fields, token)
  return {
    begin: (key: string, size: number, more: Json = {}, token?: string) =>
      mutate(
        'uploadBegin',
        { bucket: api.bucket, key, size, contentType: 'text/x-test', ...more },
        'upload { id method url headers { name value } partSize expiresAt parts { number size etag } }',
        token,
      ),
    parts: (id: string, numbers: readonly number[], token?: string) =>
      mutate('uploadParts', { id, numbers }, 'parts { number method url headers { name value } }', token),
    complete: (id: string, more: Json = {}, token?: string) =>
      mutate('uploadComplete', { id, ...more }, 'object { key size etag contentType lastModified }', token),
    abort: (id: string, token?: string) => mutate('uploadAbort', { id }, 'abortedId', token),
    deleteAll: (keys: readonly string[], token?: string) =>
      mutate('objectDelete', { bucket: api.bucket, keys }, 'deleted failed { key message }', token),
    /** GraphQL errors by their codes. */
    async download(key: string, storageDeployment: string | null = null, token?: string): Promise<Data> {
      const { data, errors } = await api.web.ask(
        `query ($bucket: String!, $key: String!, $storageDeployment: String) {
           downloadUrl(bucket: $bucket, key: $key, storageDeployment: $storageDeployment) {
             url expiresAt storageDeployment { name } } }`,
        { bucket: api.bucket, key, storageDeployment },
        token,
      )
      return errors ? { code: errors[0]?.extensions.code, message: errors[0]?.message } : data.downloadUrl
    },
    /** What FaDO lists, as `key size`. */
    async listed(): Promise<string[]> {
      const { data } = await api.web.ask(
        `query ($name: String!) { bucket(name: $name) { objects { nodes { key size etag } } } }`,
        { name: api.bucket },
      )
      return data.bucket.objects.nodes.map((node: { key: string; size: number }) => `${node.key} ${node.size}`)
    },
    async details(key: string): Promise<Data> {
      const { data } = await api.web.ask(
        `query ($name: String!, $key: String!) { bucket(name: $name) { object(key: $key) {
           key size etag contentType metadata { name value } tags { key value }
           copies { storageDeployment { name } isMaster inSync } } } }`,
        { name: api.bucket, key },
      )
      return data.bucket.object
    },
    async folder(prefix: string, first = 100, after: string | null = null): Promise<Data> {
      const { data } = await api.web.ask(
        `query ($name: String!, $prefix: String, $first: Int, $after: String) { bucket(name: $name) {
           folder(prefix: $prefix, first: $first, after: $after) {
             pageInfo { hasNextPage endCursor } nodes { key name object { size } } } } }`,
        { name: api.bucket, prefix, first, after },
      )
      return data.bucket.folder
    },
    /** The keys that wait to be looked at, and whether a delete of them may be acted on. */
    async marked(): Promise<Data[]> {
      const { rows } = await api.web.pool.query<{ key: string; mayDelete: boolean }>(
        `SELECT d.key, d.may_delete AS "mayDelete" FROM dirty_object d JOIN bucket b ON b.id = d.bucket_id
         WHERE b.name = $1 ORDER BY d.key`,
        [api.bucket],
      )
      return rows
    },
  }
}
