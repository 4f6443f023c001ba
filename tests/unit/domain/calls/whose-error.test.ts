// Whose error a call was: each thing that Envoy says of its end.
import { expect, test } from 'vitest'
import { type Ended, flagsOf, whoseError } from '../../../../server/domain/calls/whose-error.ts'

const ended = (more: Partial<Ended>): Ended => ({
  ...{ status: 200, flags: ['-'], details: 'via_upstream', retries: 0, routed: true, early: false, keyRefused: false },
  ...more,
})

test.each([
  ['was answered', ended({}), null],
  ["the function's 404", ended({ status: 404 }), null],
  ["the function's 500", ended({ status: 500 }), 'function'],
  ["the function's 503, after a retry", ended({ status: 503, retries: 1 }), 'function'],
  ['a platform that refuses FaDO', ended({ status: 502, keyRefused: true }), 'key'],
  ['a platform that refuses FaDO before another answers', ended({ retries: 1, keyRefused: true }), null],
  ['no path of a function', ended({ status: 404, details: 'direct_response' }), 'caller'],
  ['no such bucket', ended({ status: 404, flags: ['NR'], details: 'route_not_found' }), 'caller'],
  ['a caller who is refused', ended({ status: 403, details: 'direct_response' }), 'caller'],
  ['too large headers', ended({ status: 431, details: 'request_headers_failed_strict_check' }), 'caller'],
  ['a preflight that is answered', ended({ status: 200, flags: ['NR'], details: 'route_not_found' }), null],
  ['no copy', ended({ status: 503, flags: ['UH'], details: 'no_healthy_upstream', routed: false }), 'fado'],
  ['all are out', ended({ status: 503, flags: ['UH'], details: 'no_healthy_upstream' }), 'platform'],
  ['too many at once', ended({ status: 503, flags: ['UO'], details: 'overflow' }), 'fado'],
  ['not within invocation_timeout', ended({ status: 504, details: 'max_duration_timeout' }), 'platform'],
  ['not until its own deadline', ended({ details: 'max_duration_timeout', early: true }), 'gone'],
  ['cut off in its answer', ended({ flags: ['UC'], details: 'upstream_reset_after_response_started' }), 'platform'],
  ['its caller went away', ended({ status: 0, flags: ['DC'], details: 'downstream_remote_disconnect' }), 'gone'],
  ['its caller went away while nobody answered', ended({ status: 0, flags: ['DC', 'UF'], details: '' }), 'gone'],
  [
    'outgrew what is kept before its next try',
    ended({ status: 502, details: 'request_payload_exceeded_retry_buffer_limit', retries: 1 }),
    'platform',
  ],
  ['no answer at all', ended({ status: 0, details: '' }), 'fado'],
])('%s', (_what, given, whose) => {
  expect(whoseError(given)).toBe(whose)
})

test('a deployment that cannot be reached or is late is the platform', () => {
  for (const flag of [...flagsOf.unreachable, ...flagsOf.late])
    expect([flag, whoseError(ended({ status: 503, flags: [flag], details: 'upstream_reset' }))]).toEqual([
      flag,
      'platform',
    ])
})
