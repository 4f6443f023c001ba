import { expect, test } from 'vitest'
import { parseConfig } from '../../../server/config.ts'

test.for([
  ['FADO_HTTP_PORT', 'abc', '"abc" is not a port number, 0 to 65535'],
  ['FADO_HTTP_PORT', '65536', '"65536" is not a port number'],
  ['FADO_XDS_PORT', '-1', '"-1" is not a port number'],
  ['FADO_INGRESS_PORT', '80.5', '"80.5" is not a port number'],
  [
    'FADO_DEMO_PORT_BASE',
    '80',
    '"80" is not a whole number from 1024 to 32668: the demo uses it and the 99 ports after it',
  ],
  ['FADO_DEMO_PORT_BASE', '40000', 'none that the system gives to outgoing connections (above 32767)'],
  ['FADO_DEMO_PORT_BASE', 'many', '"many" is not a whole number'],
  ['FADO_PROXY_LEASE', '10m', '"10m" is not a whole number of seconds'],
  ['FADO_DATABASE_CONNECTIONS', 'abc', '"abc" is not a whole number of connections'],
  ['FADO_DATABASE_CONNECTIONS', '20.5', '"20.5" is not a whole number of connections'],
  ['FADO_LOG_LEVEL', 'loud', 'it must be one of trace, debug, info'],
  ['FADO_DEV', 'yes', 'it must be 0 or 1'],
  ['FADO_INGRESS_URL', 'fado', 'it must be an address such as http://'],
  ['FADO_TOKEN', 'short', 'it must have at least 16 characters'],
] as const)('%s=%s is refused by its name, with what it should be', ([name, value, message]) => {
  const parse = () => parseConfig({ [name]: value })
  expect(parse).toThrow(`The environment variable ${name} is not usable: `)
  expect(parse).toThrow(message)
})

test('a setting that is refused is not repeated where it may be a secret', () => {
  expect(() => parseConfig({ FADO_TOKEN: 'geheim' })).not.toThrow(/geheim/)
})

test('settings are read as they are meant, and empty ones count as absent', () => {
  const config = parseConfig({ FADO_HTTP_PORT: '8081', FADO_DEMO_PORT_BASE: '32668', FADO_XDS_PORT: '' })
  expect(config).toMatchObject({ http: { port: 8081 }, demoPortBase: 32_668, xds: { port: 18_000 } })
})

test('callers are served over TLS with a port, a certificate and its key, and not with some of them', () => {
  const all = { FADO_INGRESS_TLS_PORT: '10443', FADO_INGRESS_CERTIFICATE: 'in.crt', FADO_INGRESS_KEY: 'in.key' }
  expect(parseConfig({}).ingress.tls).toBeNull()
  expect(parseConfig(all).ingress.tls).toEqual({ port: 10_443, certificate: 'in.crt', key: 'in.key' })
  for (const name of Object.keys(all))
    expect(() => parseConfig({ ...all, [name]: undefined })).toThrow('TLS for callers needs all of')
})

test('xDS is served over TLS with a certificate and its key, and not with one of them', () => {
  const [FADO_XDS_CERTIFICATE, FADO_XDS_KEY, FADO_XDS_CLIENT_CA] = ['fado.crt', 'fado.key', 'ca.crt']
  expect(parseConfig({}).xds.tls).toBeNull()
  expect(parseConfig({ FADO_XDS_CERTIFICATE, FADO_XDS_KEY }).xds.tls).toEqual({
    certificate: 'fado.crt',
    key: 'fado.key',
    clientCa: null,
  })
  expect(parseConfig({ FADO_XDS_CERTIFICATE, FADO_XDS_KEY, FADO_XDS_CLIENT_CA }).xds.tls?.clientCa).toBe('ca.crt')
  for (const half of [{ FADO_XDS_CERTIFICATE }, { FADO_XDS_KEY }, { FADO_XDS_CLIENT_CA }])
    expect(() => parseConfig(half)).toThrow('needs both FADO_XDS_CERTIFICATE and FADO_XDS_KEY')
})
