// Which objects may be written as new, without a look at either side before.
import { partsInEtag } from '../../storage/copy-layout.ts'
import { nullIf } from '../../storage/object-calls.ts'
import { isAskable } from '../../storage/object-path.ts'
import type { ObjectHead } from '../../storage/storage-values.ts'
import type { Seen } from './carried.ts'
import type { CopyStep } from './copy-key.ts'
import type { Scene } from './key-scene.ts'
import { keyStep } from './key-step.ts'
import type { KeyRun } from './key-work.ts'
import { wentBack } from './went-back.ts'

/**
 * The size is an event's or a listing's, so it may be another by now; none is told of what a listing shows to be there. Most of
 * what is taken over is there already: it is looked at first, or its bytes would be read in vain. So is what FaDO knows to be in
 * parts, which are asked for one by one, and all on a store that would replace what others put there.
 */
export const mayBeNew = ({ claim, triedAsNew }: KeyRun, { journal, record, at, replica }: Scene): boolean =>
  journal === null &&
  !triedAsNew &&
  !replica.takingOver &&
  replica.heedsConditions &&
  claim.size !== null &&
  partsInEtag(record?.etag ?? '') === null &&
  isAskable(at.key)

/** Its ETag digests its bytes, which are all of it, and it is not older than what FaDO knows. */
export const isSimple = (head: ObjectHead, scene: Scene): boolean =>
  head.etagIsDigest && partsInEtag(head.etag) === null && head.tagCount === 0 && !wentBack(head, scene)

/** For `catch`, of the master. */
export const nullIfGone = nullIf('no-such-key', 'no-such-bucket')

export function newStep(source: Seen): CopyStep {
  const step = keyStep({ journal: null, target: null, source, sameBytes: null })
  if (step.step !== 'copy') throw new Error(`nothing there, and yet: ${step.step}`)
  return step
}
