import { describe, expect, test } from 'vitest'
import { errorOfAnswer, errorOfFailure } from '../../../../server/storage/map-error.ts'
import { StorageError } from '../../../../server/storage/storage-error.ts'

const subject = { method: 'GET', bucket: 'photos', key: 'a.jpg' }
const onBucket = { method: 'GET', bucket: 'photos', key: null }

function answer(status: number, text = '', headers: Record<string, string> = {}) {
  return { status, text, headers: new Map(Object.entries(headers)) }
}

const xml = (code: string, more = '') => `<?xml version="1.0"?>\n<Error><Code>${code}</Code>${more}</Error>`

describe('an answer', () => {
  test.for([
    [403, 'SignatureDoesNotMatch', 'signature', false],
    [404, 'XAdminUserNotFound', 'signature', false],
    [403, 'RequestTimeTooSkewed', 'clock-skew', false],
    [403, 'AccessDenied', 'access-denied', false],
    [404, 'NoSuchBucket', 'no-such-bucket', false],
    [404, 'NoSuchUpload', 'no-such-upload', false],
    [412, 'PreconditionFailed', 'precondition-failed', false],
    [409, 'ConditionalRequestConflict', 'precondition-failed', false],
    [409, 'BucketNotEmpty', 'conflict', false],
    [400, 'XMinioInvalidObjectName', 'bad-key', false],
    [400, 'BadDigest', 'bad-digest', true],
    [400, 'EntityTooSmall', 'bad-layout', false],
    [400, 'KeyTooLong', 'bad-key', false],
    [400, 'MetadataTooLarge', 'bad-metadata', false],
    [400, 'InvalidTag', 'bad-metadata', false],
    [404, 'NoSuchVersion', 'no-such-key', false],
    [404, 'ObjectLockConfigurationNotFoundError', 'unsupported', false],
    [507, 'XMinioStorageFull', 'quota', true],
    [503, 'SlowDown', 'slow-down', true],
    [503, 'XMinioServerNotInitialized', 'server-error', true],
    [501, 'NotImplemented', 'unsupported', false],
    [400, 'InvalidArgument', 'refused', false],
    [500, 'InternalError', 'server-error', true],
    [200, 'InternalError', 'server-error', true],
    [200, 'SomethingNew', 'protocol', false],
  ] as const)('of status %i with code %s is %s', ([status, code, kind, retryable]) => {
    const error = errorOfAnswer(subject, answer(status, xml(code)))
    expect(error).toMatchObject({ kind, code, status, retryable })
    expect(error.message).toContain(code)
    expect(error.message).toContain('GET /photos/a.jpg')
  })

  test.for([
    [301, 'protocol'],
    [400, 'refused'],
    [401, 'signature'],
    [403, 'access-denied'],
    [404, 'protocol'],
    [409, 'conflict'],
    [412, 'precondition-failed'],
    [416, 'refused'],
    [429, 'slow-down'],
    [431, 'bad-metadata'],
    [500, 'server-error'],
    [502, 'server-error'],
    [503, 'slow-down'],
    [599, 'server-error'],
  ] as const)('of status %i without a code is %s', ([status, kind]) => {
    expect(errorOfAnswer(subject, answer(status)).kind).toBe(kind)
  })

  test('404 to a HEAD is about what was asked for; to anything else S3 says what it misses', () => {
    expect(errorOfAnswer({ ...subject, method: 'HEAD' }, answer(404)).kind).toBe('no-such-key')
    expect(errorOfAnswer({ ...onBucket, method: 'HEAD' }, answer(404)).kind).toBe('no-such-bucket')
    const headers = { 'content-type': 'text/plain; charset=utf-8' }
    for (const about of [subject, onBucket])
      expect(errorOfAnswer(about, answer(404, '404 page not found', headers)).kind).toBe('protocol')
  })

  test('to HEAD has its code in the header that MinIO sets', () => {
    const headers = { 'x-minio-error-code': 'NoSuchBucket' }
    expect(errorOfAnswer(subject, answer(404, '', headers)).kind).toBe('no-such-bucket')
  })

  test('in HTML says nothing about objects', () => {
    const headers = { 'content-type': 'text/html; charset=utf-8' }
    for (const status of [403, 404, 412]) {
      expect(errorOfAnswer(subject, answer(status, '<h1>Not here</h1>', headers)).kind).toBe('protocol')
    }
    expect(errorOfAnswer(subject, answer(502, '<h1>Bad gateway</h1>', headers)).kind).toBe('server-error')
  })

  test('never puts what the store says into the message', () => {
    const echo = '<Message>AKIASECRET wJalrSecret</Message><StringToSign>AWS4 wJalrSecret</StringToSign>'
    for (const text of [xml('SignatureDoesNotMatch', echo), xml('x wJalrSecret'), xml('A'.repeat(100), echo)]) {
      const error = errorOfAnswer(subject, answer(403, text))
      expect(`${error.message} ${error.code}`).not.toMatch(/AKIASECRET|wJalrSecret/)
    }
  })
})

describe('a failure', () => {
  const failure = (code: string) => Object.assign(new Error('failed'), { code })

  test.for([
    ['ECONNREFUSED', 'unreachable'],
    ['ECONNRESET', 'unreachable'],
    ['ENOTFOUND', 'unreachable'],
    ['EAI_AGAIN', 'unreachable'],
    ['ETIMEDOUT', 'unreachable'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'unreachable'],
    ['CERT_HAS_EXPIRED', 'unreachable'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'unreachable'],
    ['ABORT_ERR', 'aborted'],
    ['ERR_INVALID_CHAR', 'refused'],
    ['ERR_HTTP_CONTENT_LENGTH_MISMATCH', 'bad-digest'],
    ['ERR_STREAM_PREMATURE_CLOSE', 'protocol'],
  ] as const)('with code %s is %s', ([code, kind]) => {
    const cause = failure(code)
    expect(errorOfFailure(subject, cause)).toMatchObject({ kind, cause, code: null, status: null })
  })

  test('is named after its innermost cause', () => {
    const refused = failure('ECONNREFUSED')
    const wrapped = new Error('fetch failed', { cause: new AggregateError([refused, failure('ENETUNREACH')]) })
    expect(errorOfFailure(subject, wrapped).message).toContain('ECONNREFUSED')
  })

  test('of a connection that there was does not say that there is no way to the store', () => {
    for (const code of ['ECONNRESET', 'ECONNABORTED', 'EPIPE'])
      expect(errorOfFailure(subject, failure(code)).message).toMatch(new RegExp(`^The connection was cut .*${code}`))
    expect(errorOfFailure(subject, failure('ECONNREFUSED')).message).toMatch(/^The store cannot be reached /)
  })

  test('that is a StorageError already stays the same', () => {
    const error = new StorageError('quota', 'full')
    expect(errorOfFailure(subject, error)).toBe(error)
  })

  test('after the caller has cancelled is the cancelling, whatever it was', () => {
    const reason = new Error('lease over')
    const failures = [failure('ECONNRESET'), new StorageError('timeout', 'slow'), reason]
    for (const each of failures) {
      expect(errorOfFailure(subject, each, AbortSignal.abort(reason))).toMatchObject({ kind: 'aborted', cause: reason })
    }
  })

  test('names hostile keys in one short line', () => {
    const key = `line\nbreak\u001b[31m${'x'.repeat(1_000)}`
    const { message } = errorOfFailure({ ...subject, key }, failure('ECONNRESET'))
    expect(message).toMatch(/^\P{Cc}+$/u)
    expect(message.length).toBeLessThan(250)
  })
})
