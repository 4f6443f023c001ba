import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { type LocalCommands, runProgram } from '../../../../server/cli/program.ts'
import { parseConfig } from '../../../../server/config.ts'

const readerGone = new AbortController().signal

/** Runs a command line against commands that only note how they were called. */
async function run(...args: string[]) {
  const calls: unknown[] = []
  const printed: string[] = []
  const note =
    (name: keyof LocalCommands) =>
    async (...given: unknown[]) => {
      calls.push([name, ...given])
      return 0
    }
  const local: LocalCommands = {
    serve: note('serve'),
    demo: note('demo'),
    doctor: note('doctor'),
    envoyBootstrap: note('envoyBootstrap'),
    functionServer: note('functionServer'),
  }
  const print = (text: string) => printed.push(text)
  const config = parseConfig({ FADO_STATE_DIR: '/nowhere' })
  const code = await runProgram(args, { config, version: '1.2.3', local, print, printError: print, readerGone })
  return { code, calls, printed: printed.join('\n') }
}

test.for([
  [['serve'], ['serve', 'all', null]],
  [
    ['serve', '--role', 'mover'],
    ['serve', 'mover', null],
  ],
  [
    ['serve', '--role', 'mover', '--links', 'hpc->edge,*->cloud'],
    [
      'serve',
      'mover',
      [
        { from: 'hpc', to: 'edge' },
        { from: null, to: 'cloud' },
      ],
    ],
  ],
  [['demo'], ['demo', 'run']],
  [
    ['demo', '--check'],
    ['demo', 'check'],
  ],
  [
    ['demo', '--empty'],
    ['demo', 'empty'],
  ],
  [['doctor'], ['doctor', false, {}]],
  [
    ['doctor', '-o', 'json', '--server', 'http://b:8080', '--token', 't'],
    ['doctor', true, { server: 'http://b:8080', token: 't' }],
  ],
  [
    ['-o', 'json', 'doctor'],
    ['doctor', true, {}],
  ],
  [
    ['envoy', 'bootstrap', '--node-id', 'edge-1', '--token-file', 't', '--xds', '[::1]:18000'],
    ['envoyBootstrap', { nodeId: 'edge-1', tokenFile: 't', xds: [{ address: '::1', port: 18_000 }] }],
  ],
  [
    ['function-server', '--cluster', 'hpc', '--store', 'http://a:1', '--port', '9'],
    ['functionServer', { cluster: 'hpc', store: 'http://a:1', address: '127.0.0.1', port: 9 }],
  ],
] as const)('fado %s', async ([args, call]) => {
  expect(await run(...args)).toMatchObject({ code: 0, calls: [call] })
})

test('what a local command resolves to is the exit code', async () => {
  const config = parseConfig({})
  const fails = async () => 7
  const local: LocalCommands = {
    serve: fails,
    demo: fails,
    doctor: fails,
    envoyBootstrap: fails,
    functionServer: fails,
  }
  const quiet = () => undefined
  const options = { config, version: '1', local, print: quiet, printError: quiet, readerGone }
  expect(await runProgram(['doctor'], options)).toBe(7)
})

test.for([
  [['bucket', 'create', 'b', '--store', 's', '--frob'], "unknown option '--frob'"],
  [['frob'], "unknown command 'frob'"],
  [['demo', '--check', '--empty'], "'--check' cannot be used with option '--empty'"],
  [
    ['serve', '--role', 'mover', '--links', 'hpc'],
    '"hpc" is no link: name two stores such as hpc->edge, * is any store.',
  ],
  [['serve', '--links', 'hpc->edge'], '--links goes with --role mover'],
  [['serve', '--role', 'x'], 'Allowed choices are all, control, mover'],
  [['function-server', '--cluster', 'a', '--store', 'b', '--port', 'c'], 'It must be a port number'],
  [['envoy', 'bootstrap', '--node-id', 'a'], 'Say how this Envoy proves who it is'],
  [['envoy', 'bootstrap', '--node-id', 'a', '--token-file', 't', '--xds', 'fado'], 'It must be HOST:PORT'],
  [['envoy', 'bootstrap', '--node-id', 'a', '--token-file', 't', '--xds', 'fado:99999'], 'It must be a port number'],
  [['envoy', 'bootstrap', '--node-id', '', '--token-file', 't'], 'It must be 1 to 255 characters'],
  [['token', 'create', 'ci'], "required option '--role <role>' not specified"],
  [['token', 'create', 'ci', '--role', 'GOD'], 'Allowed choices are VIEWER'],
  [['function', 'add', '--cluster', 'a', '--url', 'b', '--weight', '0'], 'It must be a whole number from 1'],
  [['function', 'add', '--cluster', 'a', '--url', 'b', '--payload', 'x'], 'Allowed choices are http, event, raw'],
  [['function', 'add', '--cluster', 'a', '--url', 'b', '--kind', 'x'], 'Allowed choices are OPENFAAS, KNATIVE'],
  [['function', 'add', '--cluster', 'a', '--url', 'b', '--any-function'], "unknown option '--any-function'"],
  [['function', 'update', 'id', '--server', 'http://127.0.0.1:1', '--token', 't'], 'Say what is to be changed'],
  [['policy', 'set', 'zones=a'], 'Say where the policy holds'],
  [['policy', 'set', 'zones=a', '--bucket', 'b', '--global'], 'Say where the policy holds'],
  [['policy', 'set', 'zones', '--bucket', 'b'], 'is not NAME=VALUE'],
  [['bucket', 'create', 'b', '--store', 's', '--policy', 'zones'], 'is not NAME=VALUE'],
  [['bucket', 'create', 'b', '--store', 's', '--policy', 'zones='], 'zones= is empty'],
  [['policy', 'set', 'zones=', '--global'], 'zones= is empty'],
  [['token', 'create', 'ci', '--role', 'VIEWER', '--zones', ''], '--zones is empty'],
  [['cluster', 'add', 'hpc', '--zones', ''], '--zones is empty'],
  [['caller', 'create', 'c', '--key', '--claim', 'role=nurse'], '--claim goes with --issuer'],
  [['caller', 'create', 'c', '--key', '--audiences', 'fado'], '--audiences goes with --issuer'],
  [['caller', 'create', 'c', '--ca-file', 'ca.pem', '--san', 'x', '--claim', 'a=b'], '--claim goes with --issuer'],
  [['caller', 'create', 'c', '--key', '--jwks-url', 'https://k.example'], '--jwks-url goes with --issuer'],
  [['caller', 'create', 'c', '--key', '--jwks', 'keys.json'], '--jwks goes with --issuer'],
  [['caller', 'create', 'c', '--key', '--san', 'x'], '--san goes with --ca-file'],
  [['caller', 'create', 'c', '--issuer', 'https://i.example', '--audiences', ''], '--audiences is empty'],
  [['caller', 'create', 'c', '--issuer', 'https://i.example'], "Give the issuer's keys: --jwks-url or --jwks"],
] as const)('fado %s is wrong usage', async ([args, message]) => {
  const { code, calls, printed } = await run(...args)
  expect({ code, calls }).toEqual({ code: 2, calls: [] })
  expect(printed).toMatch(/^fado: /)
  expect(printed).toContain(message)
})

test('help and version are no failures', async () => {
  expect(await run('--help')).toMatchObject({ code: 0, printed: expect.stringContaining('Exit codes:') as string })
  expect(await run('--version')).toMatchObject({ code: 0, printed: '1.2.3' })
  expect((await run('policy', 'set', '--help')).printed).toContain('target_replica_count')
  const { printed } = await run('function', 'add', '--help')
  for (const told of ['KNATIVE', 'Examples:', '--aws-access-key AKIA...', 'FADO_FUNCTION_SECRET'])
    expect(printed).toContain(told)
})

test('a FaDO that does not answer is told by its own exit code', async () => {
  const { code, printed } = await run('get', 'buckets', '--server', 'http://127.0.0.1:1', '--token', 't')
  expect(code).toBe(4)
  expect(printed).toContain('does not answer at http://127.0.0.1:1/graphql')
})

test('what FaDO refuses is told by the options that were typed, and not by the fields of its input', async () => {
  const refusal = { __typename: 'InputError', code: 'VALIDATION_FAILED', message: 'jwksUrl must be an address' }
  const server = createServer((_request, response) => response.end(JSON.stringify({ data: { callerCreate: refusal } })))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  const typed = ['caller', 'create', 'nurses', '--issuer', 'x', '--jwks-url', 'y', '--audiences', 'z']
  const { code, printed } = await run('--server', at, '--token', 't', ...typed)
  expect({ code, printed }).toEqual({ code: 3, printed: 'fado: --jwks-url must be an address (VALIDATION_FAILED)' })
})
