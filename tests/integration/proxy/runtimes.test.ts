// Calls through a real Envoy to what the platforms themselves ship: AWS's runtime interface emulator, Google's
// functions-framework, Knative Functions' runtime.
import http from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { FaasEndpoint } from '../../../server/domain/route/routing-table.ts'
import { locateTool } from '../../../server/tools.ts'
import { startProgram } from '../../support/child-program.ts'
import { freePort } from '../../support/free-port.ts'
import { endpointOf, startFunctions, startRouting, tableOf } from '../../support/routing.ts'
import { isSigned } from '../../support/sigv4.ts'

const programs = path.resolve(import.meta.dirname, '../../support/platforms')
const packages = createRequire(import.meta.url)

async function route(port: number, endpoint: Partial<FaasEndpoint>) {
  const { serve, call } = await startRouting()
  await serve([endpointOf({ name: 'edge', port }, endpoint)], { photos: tableOf(['edge']) }, '/function/none')
  return (where: string, options: Parameters<typeof call>[1] = {}) => call(where, { bucket: 'photos', ...options })
}

test("AWS's runtime interface emulator, behind a server that checks signatures with AWS's own library", async () => {
  const [port, runtimePort] = [await freePort(), await freePort()]
  const key = { accessKey: 'AKIAEXAMPLE', secretKey: 'the secret', region: 'eu-central-1', service: 'lambda' }
  const api = [
    '--runtime-interface-emulator-address',
    `127.0.0.1:${port}`,
    '--runtime-api-address',
    `127.0.0.1:${runtimePort}`,
  ]
  await startProgram(
    locateTool('lambda-emulator', process.env),
    [...api, process.execPath, path.join(programs, 'lambda-bootstrap.mjs')],
    { port, env: { AWS_LAMBDA_FUNCTION_NAME: 'function' } },
  )
  const checking = await startFunctions('checking', async (request, response, body) => {
    if (!(await isSigned(request, body, key))) return void response.writeHead(403).end('{"message":"not signed"}')
    const { method, url, headers } = request
    const asked = http.request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(response)
    })
    asked.end(body)
    await new Promise((resolve) => response.on('close', resolve))
  })
  const { secretKey, ...shown } = key
  const call = await route(checking.port, {
    kind: 'AWS_LAMBDA',
    auth: { kind: 'aws_sigv4', ...shown },
    secrets: { version: '1', secretKey },
  })
  const answer = await call('/function/function/a%20b?x=1', {
    method: 'PUT',
    body: 'bytes é',
    headers: { 'content-type': 'text/plain' },
  })
  expect(answer).toMatchObject({
    status: 201,
    body: '/a%20b?x=1 bytes é',
    headers: { 'x-method': 'PUT', 'content-type': 'text/plain; charset=utf-8', 'set-cookie': ['a=1', 'b=2'] },
  })
  expect(await call('/function/function/plain')).toMatchObject({ status: 200, body: '{"method":"GET"}' })
  // What is thrown the emulator answers as if it were returned; lambda.test.ts has Lambda's own way.
  expect((await call('/function/another')).status).toBe(404)
})

test("Google's functions-framework", async () => {
  const port = await freePort()
  const main = packages.resolve('@google-cloud/functions-framework').replace(/index\.js$/, 'main.js')
  await startProgram(
    process.execPath,
    [main, '--target=resize', `--source=${path.join(programs, 'google-function.mjs')}`, `--port=${port}`],
    { port },
  )
  const call = await route(port, {
    kind: 'GOOGLE_CLOUD_FUNCTIONS',
    auth: { kind: 'google_service_account', account: 'fado@project.iam' },
    secrets: { version: '1', headers: { resize: 'Bearer the-token' } },
  })
  const answer = await call('/function/resize/a?x=1', { method: 'POST', headers: { authorization: 'mine' } })
  expect([answer.status, JSON.parse(answer.body)]).toEqual([
    201,
    { url: '/resize/a?x=1', method: 'POST', auth: 'Bearer the-token' },
  ])
})

test("Knative Functions' runtime", async () => {
  const port = await freePort()
  const cli = path.join(path.dirname(packages.resolve('faas-js-runtime')), 'bin/cli.js')
  await startProgram(process.execPath, [cli, path.join(programs, 'knative-function.cjs'), '--port', String(port)], {
    port,
  })
  const call = await route(port, { kind: 'KNATIVE', pathTemplate: '//{name}.default.example.org{rest}' })
  const answer = await call('/function/resize?x=1', {
    ...{ method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } },
  })
  expect(answer).toMatchObject({ status: 201, headers: { 'x-host': 'resize.default.example.org' } })
  expect(JSON.parse(answer.body)).toEqual({ method: 'POST', query: { x: '1' }, body: { a: 1 } })
})
