import { expect, test } from 'vitest'
import { serverSteps } from '../../../../server/cli/serve-steps.ts'
import { parseConfig } from '../../../../server/config.ts'

const given = 'a-token-of-the-user'
const steps = (env: Record<string, string>, isTerminal: boolean) => serverSteps(parseConfig(env), 'secret', isTerminal)

test('a fresh install prints the link that signs in, and that calls need an Envoy', () => {
  const text = steps({ FADO_HTTP_ADDRESS: '0.0.0.0', FADO_HTTP_PORT: '8081' }, false)
  expect(text).toContain('Console    http://localhost:8081/sign-in#token=secret\n')
  expect(text).toContain('No Envoy is started here')
  expect(text).toContain('docs/envoy.md')
})

test('a token that the user gave is repeated to a terminal only', () => {
  expect(steps({ FADO_TOKEN: given }, true)).toContain('/sign-in#token=secret')
  const kept = steps({ FADO_TOKEN: given }, false)
  expect(kept).toContain('/sign-in (with the token of FADO_TOKEN)')
  expect(kept).not.toContain('secret')
})
