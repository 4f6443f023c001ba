import { expect, onTestFinished, test } from 'vitest'
import type { StoredEndpoint } from '../../../../server/db/proxies/endpoints.ts'
import { anyTarget } from '../../../../server/forbidden-target.ts'
import { createLog } from '../../../../server/log.ts'
import { createDeploymentSecrets } from '../../../../server/reconcile/deployment-secrets.ts'

const stored = (id: string, sealed: string | null): StoredEndpoint => ({
  ...{ id, cluster: 'hpc', kind: 'HTTP', url: 'http://hpc.example', addresses: ['10.0.0.1'], weight: 1, sealed },
  ...{ health: 'healthy', auth: { kind: 'bearer' } },
})

/** `opened`: of which deployments the sealed secrets were opened, in order. */
function start() {
  const opened: string[] = []
  const source = createDeploymentSecrets({
    secrets: {
      seal: (text) => text,
      made: () => true,
      open(sealed, { id }) {
        opened.push(id)
        return sealed
      },
    },
    log: createLog('silent', 'test'),
    mayAsk: { forbiddenTarget: anyTarget },
  })
  onTestFinished(source.stop)
  return { opened, headersOf: (all: StoredEndpoint[]) => source.withSecrets(all).map((one) => one.secrets?.header) }
}

const secret = (token: string) => JSON.stringify({ value: `Bearer ${token}` })

test('sealed secrets are opened once while they stay the same', () => {
  const { opened, headersOf } = start()
  const a = stored('a', secret('one'))
  expect(headersOf([a, stored('b', null)])).toEqual(['Bearer one', undefined])
  headersOf([a])
  expect(opened).toEqual(['a'])
  expect(headersOf([stored('a', secret('two'))])).toEqual(['Bearer two'])
  expect(opened).toEqual(['a', 'a'])
})

test('of a deployment that is gone, or has none any more, no secret is kept', () => {
  const { opened, headersOf } = start()
  const [a, b] = [stored('a', secret('one')), stored('b', secret('two'))]
  headersOf([a, b])
  headersOf([stored('b', null)])
  expect(headersOf([a, b])).toEqual(['Bearer one', 'Bearer two'])
  expect(opened).toEqual(['a', 'b', 'a', 'b'])
})
