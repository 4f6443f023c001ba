// Sending objects straight to a master's store, and deleting them there.
import type { UploadView } from '../../server/services/objects/begin-upload.ts'
import type { UploadedObject } from '../../server/services/objects/complete-upload.ts'
import type { DeletedObjects } from '../../server/services/objects/delete-objects.ts'
import type { PartView } from '../../server/services/objects/upload-parts.ts'
import { StoredObject } from './bucket.ts'
import { builder } from './builder.ts'
import { HttpHeader } from './http-header.ts'
import { encodeNodeId, idOf } from './node-id.ts'
import { refusals } from './user-error.ts'

const storeComplexity = 20

const StoredPart = builder
  .objectRef<{ readonly partNumber: number; readonly size: number; readonly etag: string }>('StoredPart')
  .implement({
    description: 'A part that the store has.',
    fields: (t) => ({
      number: t.int({ resolve: (part) => part.partNumber }),
      size: t.field({ type: 'BigInt', resolve: (part) => part.size }),
      etag: t.exposeString('etag'),
    }),
  })

const Upload = builder.objectRef<UploadView>('Upload').implement({
  description:
    "What url says may be done by whoever has it: treat it as a secret. It leads to the master's publicEndpoint, else to its endpoint.",
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeNodeId('Upload', id) }),
    method: t.string({ nullable: true, resolve: ({ address }) => address?.method ?? null }),
    url: t.string({
      nullable: true,
      description: 'Null of a large object: UploadParts gives the addresses of its parts.',
      resolve: ({ address }) => address?.url ?? null,
    }),
    headers: t.field({
      type: [HttpHeader],
      description: 'Signed: they must be sent just so.',
      resolve: ({ address }) => [...(address?.headers ?? [])],
    }),
    partSize: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Bytes of each part but the last; null of an object that is sent in one piece (up to 64 MiB).',
      resolve: (upload) => upload.partSize,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description:
        'In one piece: until then sending may begin (15 minutes), and UploadComplete has an hour. In parts: until then it must be completed (24 hours since addresses were last asked for), else its parts are deleted.',
      resolve: (upload) => upload.expiresAt,
    }),
    parts: t.field({
      type: [StoredPart],
      complexity: storeComplexity,
      description: 'Asked of the store: what need not be sent again.',
      resolve: async ({ id }, _args, { services, actor }) => [...(await services.partsAtStore(actor, id))],
    }),
  }),
})

const ObjectMetadataInput = builder.inputType('ObjectMetadataInput', {
  fields: (t) => ({ name: t.string({ required: true }), value: t.string({ required: true }) }),
})
const ObjectTagInput = builder.inputType('ObjectTagInput', {
  fields: (t) => ({ key: t.string({ required: true }), value: t.string({ required: true }) }),
})
const UploadBeginInput = builder.inputType('UploadBeginInput', {
  fields: (t) => ({
    bucket: t.string({ required: true }),
    key: t.string({ required: true }),
    size: t.field({ type: 'BigInt', required: true, description: 'In bytes; what arrives is compared with it.' }),
    contentType: t.string({ description: 'Default: application/octet-stream.' }),
    metadata: t.field({ type: [ObjectMetadataInput], description: 'Without the prefix x-amz-meta-.' }),
    tags: t.field({ type: [ObjectTagInput] }),
    idempotencyKey: t.string({
      description:
        'Names what is sent, such as size and time of a file: while an upload of this key is open the same one is answered, so that a client that was cut off goes on with it; a new one where its store knows nothing of it any more.',
    }),
  }),
})
const UploadPartsInput = builder.inputType('UploadPartsInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    numbers: t.intList({ required: true, description: 'From 1; at most 1 000 at once.' }),
  }),
})
const UploadedPartInput = builder.inputType('UploadedPartInput', {
  fields: (t) => ({
    number: t.int({ required: true }),
    etag: t.string({ required: true, description: 'As the store answered it, with or without quotes.' }),
  }),
})
const UploadCompleteInput = builder.inputType('UploadCompleteInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    parts: t.field({ type: [UploadedPartInput], description: 'Of a large object: all of them, in any order.' }),
    etag: t.string({
      description:
        'Of an object in one piece, as the store answered it: then a version that somebody else wrote meanwhile is told from it.',
    }),
  }),
})
const UploadAbortInput = builder.inputType('UploadAbortInput', { fields: (t) => ({ id: t.id({ required: true }) }) })
const ObjectDeleteInput = builder.inputType('ObjectDeleteInput', {
  fields: (t) => ({
    bucket: t.string({ required: true }),
    keys: t.stringList({ required: true, description: 'At most 1 000.' }),
  }),
})

const UploadBeginPayload = builder.objectRef<{ readonly upload: UploadView }>('UploadBeginPayload').implement({
  fields: (t) => ({ upload: t.field({ type: Upload, resolve: ({ upload }) => upload }) }),
})
const UploadPart = builder.objectRef<PartView>('UploadPart').implement({
  fields: (t) => ({
    number: t.exposeInt('number'),
    method: t.exposeString('method'),
    url: t.exposeString('url'),
    headers: t.field({ type: [HttpHeader], resolve: (part) => [...part.headers] }),
  }),
})
const UploadPartsPayload = builder.objectRef<{ readonly parts: readonly PartView[] }>('UploadPartsPayload').implement({
  fields: (t) => ({ parts: t.field({ type: [UploadPart], resolve: ({ parts }) => [...parts] }) }),
})
const UploadCompletePayload = builder
  .objectRef<{ readonly object: UploadedObject }>('UploadCompletePayload')
  .implement({ fields: (t) => ({ object: t.field({ type: StoredObject, resolve: ({ object }) => object }) }) })
const UploadAbortPayload = builder.objectRef<{ readonly id: string }>('UploadAbortPayload').implement({
  fields: (t) => ({ abortedId: t.id({ resolve: ({ id }) => encodeNodeId('Upload', id) }) }),
})
const ObjectDeleteFailure = builder
  .objectRef<DeletedObjects['failed'][number]>('ObjectDeleteFailure')
  .implement({ fields: (t) => ({ key: t.exposeString('key'), message: t.exposeString('message') }) })
const ObjectDeletePayload = builder.objectRef<DeletedObjects>('ObjectDeletePayload').implement({
  fields: (t) => ({
    deleted: t.stringList({ resolve: ({ deleted }) => [...deleted] }),
    failed: t.field({ type: [ObjectDeleteFailure], resolve: ({ failed }) => [...failed] }),
  }),
})

builder.mutationFields((t) => ({
  uploadBegin: t.field({
    type: UploadBeginPayload,
    errors: refusals,
    description: 'The bytes go straight to the master, and never pass FaDO.',
    args: { input: t.arg({ type: UploadBeginInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ upload: await services.beginUpload(actor, input) }),
  }),
  uploadParts: t.field({
    type: UploadPartsPayload,
    errors: refusals,
    description: 'Addresses are good for 15 minutes: ask for them as you go.',
    args: { input: t.arg({ type: UploadPartsInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({
      parts: await services.uploadParts(actor, { ...input, id: idOf('Upload', input.id) }),
    }),
  }),
  uploadComplete: t.field({
    type: UploadCompletePayload,
    errors: refusals,
    description:
      'Looks at the object at the master; it is known and on its way to the copies when this answers. CONFLICT when it is not what was begun. Again, it answers the same.',
    args: { input: t.arg({ type: UploadCompleteInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({
      object: await services.completeUpload(actor, { ...input, id: idOf('Upload', input.id) }),
    }),
  }),
  uploadAbort: t.field({
    type: UploadAbortPayload,
    errors: refusals,
    description: 'Parts that were sent are deleted within seconds. An object in one piece that has arrived stays.',
    args: { input: t.arg({ type: UploadAbortInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({
      id: await services.abortUpload(actor, { id: idOf('Upload', input.id) }),
    }),
  }),
  objectDelete: t.field({
    type: ObjectDeletePayload,
    errors: refusals,
    description:
      'At the master; the copies follow. A key that is not there counts as deleted. A bucket that keeps versions keeps what was deleted as a version.',
    args: { input: t.arg({ type: ObjectDeleteInput, required: true }) },
    resolve: (_root, { input }, { services, actor }) => services.deleteObjects(actor, input),
  }),
}))
