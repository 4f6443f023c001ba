// Objects of a bucket as a person looks at them: folders, one object with all that is known of it, an address to get it by.
import type {
  ObjectDetails as DetailsView,
  DownloadView,
  FolderEntryView,
} from '../../server/services/objects/read-object.ts'
import { asGraphqlError } from '../as-graphql-error.ts'
import { StoredObject } from './bucket.ts'
import { Bucket } from './bucket-refs.ts'
import { builder } from './builder.ts'
import { StorageDeployment } from './cluster.ts'
import { pageArgs, pageComplexity, pageInput, toConnection } from './connection.ts'
import { HttpHeader } from './http-header.ts'

/** What asks a store. */
const storeComplexity = 20

const FolderEntry = builder.objectRef<FolderEntryView>('FolderEntry').implement({
  description: 'An object in a folder, or a folder in it.',
  fields: (t) => ({
    key: t.exposeString('key', { description: "The object's key; of a folder the prefix of all that is in it." }),
    name: t.exposeString('name', { description: 'The last part of the key; of a folder it ends with a slash.' }),
    object: t.field({
      type: StoredObject,
      nullable: true,
      description: 'Null of a folder.',
      resolve: ({ object }) => object,
    }),
  }),
})
const FolderConnection = builder.connectionObject({ type: FolderEntry, name: 'FolderConnection' })

const ObjectTag = builder.objectRef<{ readonly key: string; readonly value: string }>('ObjectTag').implement({
  fields: (t) => ({ key: t.exposeString('key'), value: t.exposeString('value') }),
})

const ObjectCopy = builder.objectRef<DetailsView['copies'][number]>('ObjectCopy').implement({
  description: 'A store that is to hold the object.',
  fields: (t) => ({
    storageDeployment: t.field({ type: StorageDeployment, resolve: (copy) => copy.storageId }),
    isMaster: t.exposeBoolean('isMaster'),
    inSync: t.exposeBoolean('inSync', { description: "It holds the master's version, and no news of it wait." }),
    from: t.field({
      type: StorageDeployment,
      nullable: true,
      description: 'The store of the copy that lent the bytes that were written last; null: they came from the master.',
      resolve: (copy) => copy.fromStorageId,
    }),
  }),
})

const ObjectDetails = builder.objectRef<DetailsView>('ObjectDetails').implement({
  description: 'An object as the store says that it is read from: its master where that answers, else a copy in sync.',
  fields: (t) => ({
    key: t.exposeString('key'),
    size: t.field({ type: 'BigInt', resolve: (object) => object.size }),
    etag: t.exposeString('etag'),
    lastModified: t.field({ type: 'DateTime', resolve: (object) => object.lastModified }),
    contentType: t.exposeString('contentType', { nullable: true }),
    metadata: t.field({
      type: [HttpHeader],
      description: 'User metadata without the prefix x-amz-meta-, and headers such as cache-control.',
      resolve: (object) => [...object.metadata],
    }),
    tags: t.field({ type: [ObjectTag], resolve: (object) => [...object.tags] }),
    copies: t.field({
      type: [ObjectCopy],
      description: 'The master, unless it is stopped, and the copies that are wanted.',
      resolve: (object) => [...object.copies],
    }),
  }),
})

builder.objectFields(Bucket, (t) => ({
  folder: t.field({
    type: FolderConnection,
    args: {
      prefix: t.arg.string({ description: 'Of the folder: empty, or with a slash at its end. Any text is a filter.' }),
      ...pageArgs,
    },
    complexity: pageComplexity,
    description: 'Objects whose keys begin so, all behind the next slash as one folder, in the byte order of keys.',
    resolve: async (bucket, { prefix, ...page }, { services }) =>
      toConnection(await services.folderPage(bucket.id, prefix ?? '', pageInput(page))),
  }),
  object: t.field({
    type: ObjectDetails,
    nullable: true,
    args: { key: t.arg.string({ required: true }) },
    complexity: storeComplexity,
    description: 'Asked of its store now. Null when there is none.',
    resolve: (bucket, { key }, { services }) => asGraphqlError(services.objectDetails(bucket.name, key)),
  }),
}))

const DownloadUrl = builder.objectRef<DownloadView>('DownloadUrl').implement({
  description: 'Whoever has it gets the object until it expires: treat it as a secret.',
  fields: (t) => ({
    url: t.exposeString('url'),
    expiresAt: t.field({ type: 'DateTime', resolve: (address) => address.expiresAt }),
    storageDeployment: t.field({ type: StorageDeployment, resolve: (address) => address.storageId }),
  }),
})

builder.queryField('downloadUrl', (t) =>
  t.field({
    type: DownloadUrl,
    args: {
      bucket: t.arg.string({ required: true }),
      key: t.arg.string({ required: true }),
      storageDeployment: t.arg.string({ description: 'Only from there; else from the best that holds it in sync.' }),
    },
    complexity: storeComplexity,
    description:
      'A presigned GET, good for 15 minutes, at a store that holds the object in sync; NOT_FOUND when none does.',
    resolve: (_root, input, { services }) => asGraphqlError(services.downloadUrl(input)),
  }),
)
