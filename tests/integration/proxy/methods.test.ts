// Which methods an explanation takes for calls: those that a real Envoy does.
import { expect, test } from 'vitest'
import { callMethods } from '../../../server/domain/explain/check-call.ts'
import { rawCall } from '../../support/raw-call.ts'
import { endpointOf, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

test('a call by a method of HTTP is routed, one by another word is answered by Envoy with 400', async () => {
  const functions = await startFunctions('edge')
  const { serve, ingressPort } = await startRouting()
  await serve([endpointOf(functions)], { photos: tableOf(['edge']) })
  const answer = (method: string) =>
    rawCall(ingressPort, [
      `${method} /function/f HTTP/1.1`,
      'Host: x',
      'X-FaDO-Bucket: photos',
      'Content-Length: 0',
      'Connection: close',
      '',
      '',
    ])
  const routed = async (method: string) => /^x-fado-served-by: edge\r?$/im.test((await answer(method)).head)
  for (const method of callMethods.filter((one) => one !== 'CONNECT')) expect(await routed(method), method).toBe(true)
  for (const method of ['FETCH', 'get', 'GETS', 'QUERY', 'M-SEARCH', 'UPDATE']) {
    const { status, head } = await answer(method)
    expect([status, /x-fado/i.test(head)], method).toEqual([400, false])
  }
})
