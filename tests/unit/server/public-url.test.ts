import { expect, test } from 'vitest'
import { parseConfig } from '../../../server/config.ts'

test('where browsers reach FaDO is what was told, else what this machine reaches', () => {
  expect(parseConfig({})).toMatchObject({ publicUrl: undefined, consoleUrl: 'http://127.0.0.1:8080' })
  expect(parseConfig({ FADO_HTTP_ADDRESS: '0.0.0.0' })).toMatchObject({ consoleUrl: 'http://localhost:8080' })
  for (const url of ['https://fado.example.com', 'https://Fado.example.com:443/'])
    expect(parseConfig({ FADO_PUBLIC_URL: url })).toMatchObject({
      publicUrl: 'https://fado.example.com',
      consoleUrl: 'https://fado.example.com',
    })
})

test.each([
  ['fado.example.com', 'such as https://fado.example.com'],
  ['ftp://fado.example.com', 'such as https://fado.example.com'],
  ['https://example.com/fado', 'no path'],
])('FADO_PUBLIC_URL=%s is refused with what it should be', (url, what) => {
  expect(() => parseConfig({ FADO_PUBLIC_URL: url })).toThrow(new RegExp(`FADO_PUBLIC_URL .*${what}`))
})
