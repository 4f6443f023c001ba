// The stores that the suite is put to, and what each of them is known to lack. A gap is a test that must fail there: one that
// is closed fails the run, and its line goes. docs/storage.md has the table of `lacks`.
import type { StoreCapability } from '../../../server/domain/fleet/store-capability.ts'
import type { ToolName } from '../../../server/tools.ts'
import { startMinio } from '../../support/minio.ts'
import { startMoto, startRclone, startVersitygw } from '../../support/other-stores.ts'
import type { StoreProcess } from '../../support/store-process.ts'

export type KnownStore = {
  readonly name: string
  /** Not in every set-up. */
  readonly tool: ToolName
  readonly start: () => Promise<StoreProcess>
  /** Capabilities that its probe does not find. */
  readonly lacks: readonly StoreCapability[]
  /** Names of tests that fail on it, by the reason. */
  readonly gaps: Readonly<Record<string, readonly string[]>>
  /** The same of tests that fail there now and then: these are left out. */
  readonly unsteady?: Readonly<Record<string, readonly string[]>>
}

const nobody = { url: 'http://127.0.0.1:9/' }

/** None of the others has MinIO's metrics. */
const noUptime = {
  'it does not tell since when its process runs': [
    'it tells how long its process runs',
    'a process that begins anew is seen by that, also when nobody asked meanwhile',
  ],
}
const noVersions = {
  'it keeps no versions': [
    'versions and markers are told with any key, and go one by one',
    'versions are listed over several pages',
    'a suspended bucket may still have versions of before',
    'a version that a retention or a legal hold keeps stays, with its end',
  ],
}
const ofKey = (name: string) => `the key ${name} is kept to the letter or refused as one that cannot be`

const behindAnyName = 'behind any name come those that are behind it, and all of them'

export const stores: readonly KnownStore[] = [
  { name: 'MinIO', tool: 'minio', start: () => startMinio({ webhook: nobody }), lacks: [], gaps: {} },
  {
    name: 'moto server',
    tool: 'moto',
    start: startMoto,
    lacks: ['content-md5', 'webhook-events'],
    gaps: {
      ...noUptime,
      'it takes any signature': [
        'wrong credentials are told from a missing right, and a ping still shows that the store is there',
        'anyone may put exactly what was signed, at the public address, and get it',
        'an address is for its key only',
        'a store that refuses an unknown key is not well, whatever is asked',
        'a store that refuses a wrong secret is not well, whatever is asked',
      ],
      'it takes any digest': [
        'other bytes than those announced are refused and leave nothing',
        'an ETag that is no digest of the bytes is not taken for one: what was read is measured',
        'a source whose bytes are other ones each time is not copied: two reads must agree before its ETag is none',
      ],
      'making a bucket again is no error there, as in the first region of AWS': [
        'making a bucket that exists is a conflict',
      ],
      'it takes more than AWS does': [
        'a name that no bucket can have is refused',
        'metadata that is too long for the store is said of the object',
        'tags and metadata that cannot be are said of the object',
      ],
      'it has no way for names with a line feed': [ofKey('"c\\nd"'), 'an empty object and hostile keys are copied'],
      'a part is not given alone: objects in parts are copied in parts of ours': [
        'unequal parts are told with their sizes and given one by one',
        'unequal parts keep their layout, so the ETag stays',
        'one part, or none, is a layout too',
        'an ETag that digests other parts is found out before the copy is completed',
        'parts that are other ones each time are not put together',
        'a copy that is cancelled, or stopped before a write, leaves no object and no upload',
        'a copy that was cut off is gone on with: what the target has is not sent again, unless it is wrong',
      ],
      'it answers something else than S3 where events are asked for': [
        'a store without the webhook target says that it does not offer events',
      ],
      'it tells the parts of an upload in other XML than S3': [
        'the parts of an upload that is not done are told, and anyone may send one to its address',
        'a copy that fails leaves its upload only where it may be gone on with',
      ],
      'it heeds no condition on a copy of an object to itself': ['one that is another by now, or gone, is left'],
      'it fails on an upload that was taken back': [
        'an upload that is taken back leaves nothing, and taking it back twice is fine',
      ],
      'its versions are not those of AWS': [
        'versions and markers are told with any key, and go one by one',
        'a suspended bucket may still have versions of before',
        'a version that a retention or a legal hold keeps stays, with its end',
      ],
    },
    unsteady: {
      'its threads look at a condition and then write, and nothing keeps others out in between': [
        'of eight writers at once exactly one wins, each time',
      ],
    },
  },
  {
    name: 'versitygw',
    tool: 'versitygw',
    start: startVersitygw,
    lacks: ['listing-encoding', 'bucket-dates', 'webhook-events'],
    gaps: {
      ...noUptime,
      ...noVersions,
      'its listings heed no encoding-type': [behindAnyName, ofKey('"c\\u0001d"'), ofKey('"\uffff"'), ofKey('"\ufffe"')],
      'it keeps 4 KB of tags': ['as many and as long tags as an object may have are copied, whole or in parts'],
    },
    unsteady: {
      'it looks at the clock for the Date of its answers once a second': [
        'an object is of the second in which the answer to its write was given, or of one before',
      ],
      'it may keep what had come when a connection broke, unless an MD5 was announced': [
        'a body of which only the length was announced that breaks off leaves nothing, and its own error is told',
      ],
    },
  },
  {
    // Of this version FaDO refuses to make a store: it lists folder by folder.
    name: 'rclone serve s3',
    tool: 'rclone',
    start: () => startRclone(),
    lacks: [
      ...(['ordered-listing', 'conditional-writes', 'conditional-reads', 'multipart', 'part-layout', 'tags'] as const),
      'bucket-dates',
      'webhook-events',
    ],
    gaps: {
      ...noUptime,
      'it keeps no versions': [...noVersions['it keeps no versions'], 'a bucket that is missing is said to be'],
      'it answers something else than S3 where events are asked for': [
        'a store without the webhook target says that it does not offer events',
      ],
      'it lists folder by folder': [
        '2 100 keys come once each, in the order of their bytes, over several pages',
        behindAnyName,
        ofKey('"folder/"'),
      ],
      'it heeds no conditions': [
        'a range or another version than the one asked for is never given',
        'a write for a key that must not exist never overwrites one',
        'a write on one version never overwrites another, nor makes what is gone',
        'of eight writers at once exactly one wins, each time',
        'a large body that is refused is not sent to its end',
        'a source or a target that is not what the caller saw ends it before anything is written',
      ],
      'it keeps no tags': [
        'bytes, carried headers and tags come back as they were written',
        'an empty object is an object',
        'tags and metadata that cannot be are said of the object',
        'bytes, headers and tags arrive, and the ETag proves it',
      ],
      'its answer to an upload in parts is not that of S3': [
        'as many and as long tags as an object may have are copied, whole or in parts',
        'completing an upload heeds its condition; the upload that was refused can be taken back',
        'the parts of an upload that is not done are told, and anyone may send one to its address',
        'unequal parts are told with their sizes and given one by one',
        'an upload that is taken back leaves nothing, and taking it back twice is fine',
        'a part that is too small for its place is a bad layout',
        'unequal parts keep their layout, so the ETag stays',
        'one part, or none, is a layout too',
        'an ETag that digests other parts is found out before the copy is completed',
        'parts that are other ones each time are not put together',
        'an object whose parts the store does not tell is cut anew, and measured',
        'bytes of an object in parts are not taken from a store that does not tell these: nothing is sent',
        'a copy that is cancelled, or stopped before a write, leaves no object and no upload',
        'a copy that was cut off is gone on with: what the target has is not sent again, unless it is wrong',
        'a copy that fails leaves its upload only where it may be gone on with',
      ],
      'it tells any question of a bucket that it has it': [
        'a plain bucket has nothing that a replica would lack, or says that it does not tell',
      ],
      'it does not copy an object to itself with other headers': [
        'an object is given these headers and tags and no others, and keeps its bytes',
        'one that is another by now, or gone, is left',
      ],
      'it fails where a file system cannot hold a name': [
        ofKey('"xxxxxxxxxxxxxxxxxxxxxxxxx… of 256"'),
        ofKey('"kkkkkkkkkkkkkkkkkkkkkkkkk… of 1024"'),
      ],
      'it keeps less than 2 KB of metadata': [
        'user metadata (near the limit) is on the copy and on its copy as it is told',
      ],
    },
  },
]
