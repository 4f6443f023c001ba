// What to tell a user when a store does not do what was asked of it for one object.
import { FadoError } from '../../domain/errors.ts'
import { StorageError } from '../../storage/storage-error.ts'

/** The failure as a refusal of ours; what is none of a store is passed on as it is. `store`: its name. */
export function objectRefusal(error: unknown, store: string, path: readonly string[] = ['key']): unknown {
  if (!(error instanceof StorageError)) return error
  const say = (code: FadoError['code'], text: string, at: readonly string[] = []) =>
    new FadoError(code, text, { path: at, cause: error })
  switch (error.kind) {
    case 'no-such-bucket':
      return say('UNSAFE', `The bucket on ${store} is not there: nothing was changed. Look at the bucket's page`)
    case 'no-such-key':
      return say('NOT_FOUND', `${store} has no such object`, path)
    case 'no-such-upload':
      return say('NOT_FOUND', `${store} has no such upload any more: begin it again`, ['id'])
    case 'bad-key':
      return say('VALIDATION_FAILED', `${store} cannot hold an object of this name`, path)
    case 'bad-metadata':
      return say('VALIDATION_FAILED', `${store} cannot hold this content type, metadata or tags`, ['metadata'])
    case 'bad-layout':
      return say('VALIDATION_FAILED', `A part or the object is too small or too large for ${store}`, ['parts'])
    case 'bad-digest':
    case 'precondition-failed':
    case 'altered':
    case 'conflict':
      return say('CONFLICT', `${store}: ${error.message}. Try again`)
    case 'quota':
      return say('LIMIT_EXCEEDED', `${store} is full, or a quota of it is used up`)
    case 'signature':
    case 'access-denied':
    case 'clock-skew':
      return say('UNREACHABLE', `${store} does not let FaDO do this: ${error.message}. Give FaDO a key that may`)
    case 'unsupported':
    case 'refused':
      return say('VALIDATION_FAILED', `${store} refuses this (${error.code ?? error.kind})`)
    default:
      return say('UNREACHABLE', `${store} does not answer as it should (${error.kind}): try again in a moment`)
  }
}
