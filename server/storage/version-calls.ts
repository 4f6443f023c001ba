// Versions and object lock: what a bucket keeps of objects that are overwritten and deleted, and what may not go yet.

import type { BucketVersioning } from '../domain/bucket-versioning.ts'
import { decodeKey } from './list-scanner.ts'
import { nullIf } from './object-calls.ts'
import { unquote } from './object-headers.ts'
import type { ObjectVersion, Retention } from './object-version.ts'
import type { S3Client } from './s3-client.ts'
import type { StorageDriver } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'
import { assertPlainXml, elements, textOf } from './xml.ts'

export type VersionCalls = Pick<StorageDriver, 'versioning' | 'listVersions' | 'deleteVersion'>

const noVersioning: BucketVersioning = { versions: 'none', objectLock: false, defaultRetention: null }

/** A store that goes on and on without versions would hold its reader for ever. */
const maxEmptyPages = 100

export function createVersionCalls(client: S3Client): VersionCalls {
  async function objectLock(bucket: string, signal: AbortSignal | undefined): Promise<Partial<BucketVersioning>> {
    const query = { 'object-lock': '' }
    const answer = await client.call({ method: 'GET', bucket, query, signal }).catch(nullIfUnoffered)
    if (answer === null || textOf(answer.text, 'ObjectLockEnabled') !== 'Enabled') return {}
    const mode = textOf(answer.text, 'Mode')
    const days = Number(textOf(answer.text, 'Days') ?? 0) + 365 * Number(textOf(answer.text, 'Years') ?? 0)
    return { objectLock: true, defaultRetention: mode === null || !(days > 0) ? null : { mode, days } }
  }

  /** Null: no retention keeps this version. */
  async function retentionOf(
    bucket: string,
    key: string,
    versionId: string,
    signal?: AbortSignal,
  ): Promise<Retention | null> {
    const answer = await client
      .call({ method: 'HEAD', bucket, key, query: { versionId }, signal })
      .catch(nullIf('no-such-key', 'unsupported')) // a delete marker cannot be asked for
    if (answer === null) return null
    const { headers } = answer
    const until = Date.parse(headers.get('x-amz-object-lock-retain-until-date') ?? '')
    const legalHold = headers.get('x-amz-object-lock-legal-hold') === 'ON'
    if (Number.isNaN(until) && !legalHold) return null
    const mode = headers.get('x-amz-object-lock-mode') ?? null
    return { mode, until: Number.isNaN(until) ? null : until, legalHold }
  }

  async function versionsPage(bucket: string, position: Record<string, string>, signal: AbortSignal | undefined) {
    const query = { versions: '', 'encoding-type': 'url', 'max-keys': '1000', ...position }
    const { text } = await client.call({ method: 'GET', bucket, query, signal })
    return parsePage(text)
  }

  return {
    async versioning(bucket, { signal } = {}) {
      const answer = await client
        .call({ method: 'GET', bucket, query: { versioning: '' }, signal })
        .catch(nullIfUnoffered)
      const status = answer === null ? null : textOf(answer.text, 'Status')
      if (status !== 'Enabled' && status !== 'Suspended') return noVersioning
      const versions = status === 'Enabled' ? 'kept' : 'suspended'
      return { ...noVersioning, versions, ...(await objectLock(bucket, signal)) }
    },

    async *listVersions(bucket, { prefix, signal } = {}) {
      const filter: Record<string, string> = prefix === undefined ? {} : { prefix }
      let position: Record<string, string> | null = {}
      let emptyPages = 0
      while (position !== null) {
        const { versions, next }: VersionsPage = await versionsPage(bucket, { ...filter, ...position }, signal)
        emptyPages = versions.length > 0 ? 0 : emptyPages + 1
        if (emptyPages > maxEmptyPages) throw broken('it has pages without end')
        if (versions.length > 0) yield versions
        position = next
      }
    },

    async deleteVersion(bucket, key, versionId, { signal } = {}) {
      try {
        await client.call({ method: 'DELETE', bucket, key, query: { versionId }, signal })
        return null
      } catch (error) {
        if (!(error instanceof StorageError)) throw error
        if (error.kind === 'no-such-key') return null
        // MinIO calls it an invalid request, AWS denies access: only the version itself tells.
        if (error.kind !== 'refused' && error.kind !== 'access-denied') throw error
        const retention = await retentionOf(bucket, key, versionId, signal)
        if (retention === null) throw error
        return retention
      }
    },
  }
}

type VersionsPage = {
  readonly versions: readonly ObjectVersion[]
  /** Null on the last page. */
  readonly next: Record<string, string> | null
}

const broken = (detail: string) =>
  new StorageError('protocol', `The store's list of versions cannot be used: ${detail}`)

function parsePage(xml: string): VersionsPage {
  assertPlainXml(xml, xml.includes('<ListVersionsResult') ? 'ListVersionsResult' : 'ListBucketVersionsResult')
  const urlEncoded = textOf(xml, 'EncodingType') === 'url'
  const found = (['Version', 'DeleteMarker'] as const).flatMap((kind) =>
    [...elements(xml, kind)].map(({ start, inner }) => ({ start, version: toVersion(kind, inner, urlEncoded) })),
  )
  const versions = found.sort((a, b) => a.start - b.start).map(({ version }) => version)
  const truncated = textOf(xml, 'IsTruncated')
  if (truncated === 'false') return { versions, next: null }
  const key = textOf(xml, 'NextKeyMarker')
  const versionId = textOf(xml, 'NextVersionIdMarker')
  if (truncated !== 'true' || !key) throw broken('it does not say how it goes on')
  const next = { 'key-marker': decodeKey(key, urlEncoded), ...(versionId ? { 'version-id-marker': versionId } : {}) }
  return { versions, next }
}

function toVersion(kind: 'Version' | 'DeleteMarker', xml: string, urlEncoded: boolean): ObjectVersion {
  const key = textOf(xml, 'Key')
  const versionId = textOf(xml, 'VersionId')
  if (!key || !versionId) throw broken('an entry lacks key or version')
  return {
    key: decodeKey(key, urlEncoded),
    versionId,
    isMarker: kind === 'DeleteMarker',
    isLatest: textOf(xml, 'IsLatest') === 'true',
    etag: unquote(textOf(xml, 'ETag') ?? ''),
  }
}

/** A store that has no such thing answers in many ways, and keeps nothing. */
function nullIfUnoffered(error: unknown): null {
  const kinds = ['unsupported', 'refused', 'protocol']
  if (error instanceof StorageError && kinds.includes(error.kind)) return null
  throw error
}
