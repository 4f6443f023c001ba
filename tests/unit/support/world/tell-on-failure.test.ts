import { expect, test } from 'vitest'
import { exchangeText } from '../../../support/world/tell-on-failure.ts'

test('a request is told with its variables and its answer, and without secrets', () => {
  const operation = 'mutation ($input: StorageDeploymentAddInput!) {\n  storageDeploymentAdd(input: $input) { code }\n}'
  const variables = { input: { name: 'hpc', accessKey: 'AKIA', secretKey: 'hush' } }
  const told = exchangeText({ operation, variables, answer: { tokenCreate: { secret: 'hush', code: 'CONFLICT' } } })
  expect(told).toContain('storageDeploymentAdd(input: $input) { code }')
  expect(told).toContain('"name":"hpc"')
  expect(told).toContain('CONFLICT')
  expect(told).not.toMatch(/hush|AKIA/)
})
