import { expect, test } from 'vitest'
import { storeCapabilities, storeHints } from '../../../../server/domain/fleet/store-capability.ts'

const whole = { skipTlsVerify: false, capabilities: storeCapabilities, lacking: [] }

test('of a store that can all there is nothing to say', () => {
  expect(storeHints(whole)).toEqual([])
})

test('each capability that is missing says what is weaker without it, and how its trial went', () => {
  for (const capability of storeCapabilities.filter((one) => one !== 'webhook-events')) {
    const capabilities = storeCapabilities.filter((one) => one !== capability)
    const [hint, ...more] = storeHints({ ...whole, capabilities, lacking: [{ capability, reason: 'tried in vain' }] })
    expect(more).toEqual([])
    expect(hint).toEqual({ code: 'CAPABILITY_MISSING', message: expect.stringMatching(/^\w.+ \(tried in vain\)$/) })
    expect(storeHints({ ...whole, capabilities })[0]?.message).not.toContain('(')
  }
})

test('that no events come is said elsewhere, and an unchecked certificate comes first', () => {
  const capabilities = storeCapabilities.filter((one) => one !== 'webhook-events' && one !== 'tags')
  const hints = storeHints({ skipTlsVerify: true, capabilities, lacking: [] })
  expect(hints.map(({ code }) => code)).toEqual(['CERTIFICATE_UNCHECKED', 'CAPABILITY_MISSING'])
})
