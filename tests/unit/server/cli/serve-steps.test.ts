import { expect, test } from 'vitest'
import { serverSteps } from '../../../../server/cli/serve-steps.ts'
import { parseConfig } from '../../../../server/config.ts'

const given = 'a-token-of-the-user'
const steps = (env: Record<string, string>, isTerminal: boolean) =>
  serverSteps({ config: parseConfig(env), env, token: 'secret', isTerminal })

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

test('the printed commands reach this server from a terminal that has none of its settings', () => {
  const plain = steps({}, false)
  expect(plain).toContain('\n  npx fado token create edge-1')
  expect(plain).toContain('--token-file proxy.token > envoy.json')
  const moved = steps({ FADO_STATE_DIR: '/srv/a', FADO_HTTP_PORT: '8081', FADO_XDS_PORT: '18001' }, false)
  expect(moved).toContain('\n  FADO_STATE_DIR=/srv/a npx fado token create edge-1')
  expect(moved).toContain('--token-file proxy.token --xds 127.0.0.1:18001 > envoy.json')
  const second = steps({ FADO_STATE_DIR: '/srv/b', FADO_TOKEN: given, FADO_HTTP_PORT: '8081' }, true)
  expect(second).toContain('\n  FADO_URL=http://127.0.0.1:8081 FADO_TOKEN=... npx fado token create edge-1')
  expect(steps({ FADO_XDS_ADDRESS: '0.0.0.0' }, false)).toContain('--xds fado.example.org:18000 > envoy.json')
})
