// What uploads ask of FaDO.
import type { AnyVariables, Client, TypedDocumentNode } from 'urql'
import {
  AbortUploadDocument,
  BeginUploadDocument,
  CompleteUploadDocument,
  ObjectPageDocument,
  PartAddressesDocument,
  type UploadBeginInput,
  type UploadCompleteInput,
} from '../../../graphql/generated/operations.ts'
import { refusalOf, refusalOfError } from '../refusals.ts'
import { SendFailure } from './ways.ts'

export type Address = {
  readonly method: string
  readonly url: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
}
export type BegunUpload = {
  readonly id: string
  /** Null: in parts. */
  readonly address: Address | null
  readonly partSize: number | null
  readonly parts: readonly { readonly number: number; readonly size: number; readonly etag: string }[]
}

/** FaDO's database, or the master's store, does not answer in this moment. */
const passing: ReadonlySet<string> = new Set(['UNAVAILABLE', 'UNREACHABLE'])

/** Each rejects with an Error whose message is for people; a SendFailure may be tried again. */
export type UploadApi = {
  readonly exists: (bucket: string, key: string) => Promise<boolean>
  readonly begin: (input: UploadBeginInput) => Promise<BegunUpload>
  readonly part: (id: string, number: number) => Promise<Address>
  readonly complete: (input: UploadCompleteInput) => Promise<void>
  readonly abort: (id: string) => Promise<void>
}

export function createUploadApi(client: Client): UploadApi {
  async function change<R extends object, V extends AnyVariables>(
    document: TypedDocumentNode<{ readonly result: R }, V>,
    variables: V,
  ): Promise<Exclude<R, { readonly code: unknown }>> {
    const { data, error } = await client.mutation(document, variables).toPromise()
    if (error?.networkError) throw new SendFailure('retry', 'FaDO cannot be reached')
    const refused = error ? refusalOfError(error) : data ? refusalOf(data.result) : { message: 'FaDO gave no answer.' }
    if (refused && 'code' in refused && passing.has(refused.code)) throw new SendFailure('retry', refused.message)
    if (refused) throw new Error(refused.message)
    return data?.result as Exclude<R, { readonly code: unknown }>
  }
  return {
    async exists(bucket, key) {
      const variables = { name: bucket, prefix: key, first: 1, after: null }
      const { data, error } = await client
        .query(ObjectPageDocument, variables, { requestPolicy: 'network-only' })
        .toPromise()
      if (error) throw new Error(refusalOfError(error).message)
      return data?.bucket?.objects.nodes[0]?.key === key
    },
    async begin(input) {
      const { upload } = await change(BeginUploadDocument, { input })
      const { id, partSize, parts, method, url, headers } = upload
      return { id, partSize, parts, address: method === null || url === null ? null : { method, url, headers } }
    },
    async part(id, number) {
      const { parts } = await change(PartAddressesDocument, { input: { id, numbers: [number] } })
      const [address] = parts
      if (address === undefined) throw new Error('FaDO gave no address for a part.')
      return address
    },
    async complete(input) {
      await change(CompleteUploadDocument, { input })
    },
    async abort(id) {
      await change(AbortUploadDocument, { input: { id } })
    },
  }
}
