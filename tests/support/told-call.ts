import { nothing, writeLine } from '../../proxy/call-log/line.ts'

/** One call of `photos`, as an Envoy tells of it. */
export const toldCall = writeLine({
  ...{ weight: '1', host: 'hpc', status: '200', flags: nothing, details: 'via_upstream', tries: '1', ms: '3' },
  ...{ bucket: 'photos', noted: nothing, refusal: nothing, path: '/function/f' },
})
