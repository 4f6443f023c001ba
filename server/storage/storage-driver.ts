// What FaDO asks of an object store. Every method rejects with a `StorageError` and nothing else; one that is not listed in a
// method's comment may still come (unreachable, timeout, access-denied, ...).
import type { BucketSettings } from '../domain/adoption/bucket-settings.ts'
import type { BucketVersioning } from '../domain/bucket-versioning.ts'
import type { StoreCapability } from '../domain/fleet/store-capability.ts'
import type { ObjectVersion, Retention } from './object-version.ts'
import type {
  AmendOptions,
  BucketInfo,
  CallOptions,
  CompleteUploadOptions,
  CreateUploadOptions,
  ListedObject,
  ListOptions,
  ObjectHead,
  OpenedObject,
  OpenOptions,
  PresignedRequest,
  PresignGetOptions,
  PresignPartOptions,
  PresignPutOptions,
  PutOptions,
  ReadObject,
  ReadOptions,
  Tag,
  UploadedPart,
  UploadPartOptions,
  WriteResult,
} from './storage-values.ts'

/** What a store can do beyond the plainest S3; each is found out by trying it in a bucket of our own. */
export type Capability = StoreCapability

/** `unknown` must be treated as missing. */
export type CapabilityVerdict =
  | { readonly state: 'present' }
  | { readonly state: 'missing' | 'unknown'; readonly reason: string }

export type StoreTrial = {
  /** How far the store's clock is ahead of ours, in milliseconds, to about a second; null when it does not tell. */
  readonly clockSkewMs: number | null
  readonly capabilities: Readonly<Record<Capability, CapabilityVerdict>>
  /** Name of the probe bucket when it could not be removed again; else null. */
  readonly leftBehind: string | null
  /** That the store was asked in at last: as registered, or as the store itself named it. */
  readonly region: string
}

export type ProbeOptions = CallOptions & {
  /**
   * Called with the name of the probe bucket while it exists (not called when the store lets us make none). A bucket of
   * that name seen through another registered store means that both are the same store. What it throws ends the probe.
   */
  readonly onBucket?: (bucket: string) => Promise<void>
}

export type StorageDriver = {
  /** Resolves when the store answers at all, whatever the credentials may do; for its clock. Rejects on 5xx. */
  ping(options?: CallOptions): Promise<{ serverDate: number | null }>

  /**
   * Finds out reachability, credentials, clock and capabilities. Touches nothing that is there; writes only in its own
   * bucket `fado-probe-<random>`, which it removes. Rejects when the store cannot be used at all (unreachable,
   * timeout, signature, clock-skew, protocol, server-error).
   */
  probe(options?: ProbeOptions): Promise<StoreTrial>

  /** Seconds since the process that answers began; null where the store does not tell. */
  uptime(options?: CallOptions): Promise<number | null>

  listBuckets(options?: CallOptions): Promise<readonly BucketInfo[]>
  /** Null when the store says that there is no such bucket. */
  headBucket(bucket: string, options?: CallOptions): Promise<{ serverDate: number | null } | null>
  /** In the driver's region. `conflict` when it exists, ours or not (AWS us-east-1 answers as if it had made it). */
  createBucket(bucket: string, options?: CallOptions): Promise<void>
  /** `conflict` when it is not empty, `no-such-bucket` when it is gone. */
  deleteBucket(bucket: string, options?: CallOptions): Promise<void>
  /** Null when there is no such bucket. Another date than before means another bucket of the same name. */
  bucketCreatedAt(bucket: string, options?: CallOptions): Promise<number | null>

  /**
   * Pages of objects in UTF-8 byte order of their keys (`compareKeys`), the next page under way while one is used, in
   * constant memory. A listing that fails, is cut, out of order or not S3's rejects: it never just ends early.
   * Leaving the loop cancels what is under way. `no-such-bucket`.
   */
  list(bucket: string, options?: ListOptions): AsyncIterable<readonly ListedObject[]>

  /** What is set on the bucket; each part that cannot be asked for is `unknown`. `no-such-bucket`. */
  settings(bucket: string, options?: CallOptions): Promise<BucketSettings>
  /** A store that has no versions says `none`. `access-denied` where the key may not ask. */
  versioning(bucket: string, options?: CallOptions): Promise<BucketVersioning>
  /** Pages of all versions and markers, in the order of the store: by key, newest first. `no-such-bucket`. */
  listVersions(
    bucket: string,
    options?: Pick<ListOptions, 'prefix' | 'signal'>,
  ): AsyncIterable<readonly ObjectVersion[]>
  /** For ever. Null when it is gone, else what forbids it: FaDO bypasses no retention. */
  deleteVersion(bucket: string, key: string, versionId: string, options?: CallOptions): Promise<Retention | null>

  /**
   * Null when the store says that there is no such key, or can be none of that name; a missing bucket looks the same, ask
   * `headBucket`, and so does an object that is only listed (`isAskable`), ask `listedOnly`.
   */
  head(bucket: string, key: string, options?: CallOptions & { partNumber?: number }): Promise<ObjectHead | null>
  /** `no-such-key`, `no-such-bucket`, `precondition-failed`. Errors of the body stream are StorageErrors too. */
  open(bucket: string, key: string, options?: OpenOptions): Promise<OpenedObject>
  /** The same of a small object, at once and for half the work. `no-such-key`, `no-such-bucket`. */
  read(bucket: string, key: string, options: ReadOptions): Promise<ReadObject>
  /**
   * `precondition-failed`, `bad-key`, `bad-digest`, `bad-layout` (over 5 GiB on most stores), `bad-metadata`,
   * `no-such-bucket`, `quota`. Metadata that stores tell as encoded words is written as the octets that it stands for. A body stream is destroyed when this fails; its own error is the `cause`, or is thrown where it is a
   * StorageError.
   */
  put(bucket: string, key: string, options: PutOptions): Promise<WriteResult>
  /**
   * Also resolves when there is no such key. Stores ignore conditions here: look at the source again afterwards.
   * `versionsLeft`: the bucket keeps versions, so that only a marker was put above what is there. MinIO does not say so of
   * a bucket whose versions are suspended: `versioning` does.
   */
  delete(bucket: string, key: string, options?: CallOptions): Promise<{ readonly versionsLeft: boolean }>
  /** Sorted by key. `no-such-key`. */
  getTags(bucket: string, key: string, options?: CallOptions): Promise<readonly Tag[]>
  /** These and no others. `no-such-key`, `bad-metadata`. */
  putTags(bucket: string, key: string, tags: readonly Tag[], options?: CallOptions): Promise<void>

  /**
   * Gives an object these headers and tags and no others, on the store itself: no byte of it crosses. Only while it has the
   * ETag, which may be another afterwards. `precondition-failed`, `no-such-key`, `bad-metadata`, `unsupported`; over 5 GiB most
   * stores say `refused`.
   */
  amend(bucket: string, key: string, options: AmendOptions): Promise<WriteResult>

  /** Sizes of the parts that an object was uploaded in; null when it was not in parts, or the store does not tell. */
  parts(bucket: string, key: string, options?: CallOptions): Promise<readonly number[] | null>
  /** Resolves to the upload's id. */
  createUpload(bucket: string, key: string, options?: CreateUploadOptions): Promise<string>
  /** As `put`, and `no-such-upload`. */
  uploadPart(bucket: string, key: string, options: UploadPartOptions): Promise<WriteResult>
  /** The parts of an unfinished upload that the store has, in rising order. `no-such-upload`. */
  uploadedParts(bucket: string, key: string, uploadId: string, options?: CallOptions): Promise<readonly UploadedPart[]>
  /** `precondition-failed` (the upload stays: abort it), `no-such-upload`, `bad-layout` (a part under 5 MiB). */
  completeUpload(bucket: string, key: string, options: CompleteUploadOptions): Promise<WriteResult>
  /** Also resolves when there is no such upload. */
  abortUpload(bucket: string, key: string, uploadId: string, options?: CallOptions): Promise<void>

  /** A request to the public endpoint that anyone may send until it expires. */
  presignPut(bucket: string, key: string, options: PresignPutOptions): Promise<PresignedRequest>
  presignGet(bucket: string, key: string, options: PresignGetOptions): Promise<PresignedRequest>
  presignPart(bucket: string, key: string, options: PresignPartOptions): Promise<PresignedRequest>

  /**
   * Asks for events (ObjectCreated:*, ObjectRemoved:*) of the bucket at the store's webhook target `FADO`: writes the
   * entry with Id `fado` into the bucket's notification configuration and keeps all others as they are. Writes it also
   * when it is there already: after a restart MinIO sends events again once it is written. With `keep` what is there stays, and
   * only a lost entry is written again. `unsupported` when the store has no such target.
   */
  subscribe(bucket: string, options?: CallOptions & { readonly keep?: boolean }): Promise<void>
  /** Takes the entry with Id `fado` out again, if it is there, and keeps all others. */
  unsubscribe(bucket: string, options?: CallOptions): Promise<void>

  /** Ends all connections; calls under way reject. May be called twice. */
  close(): Promise<void>
}
