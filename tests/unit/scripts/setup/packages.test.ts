import { expect, test } from 'vitest'
import { isInstalled } from '../../../../scripts/setup/packages.mjs'

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/a/node_modules/b': { version: '2.0.0' },
    'node_modules/for-mac': { version: '1.0.0', optional: true },
  },
}
const { '': _ours, 'node_modules/for-mac': _mac, ...here } = wanted.packages

test("packages are installed when all of the lock are there, but for other platforms'", () => {
  expect(isInstalled(wanted, { packages: here })).toBe(true)
})

test('a first installation, an interrupted one and a changed lock are not installed', () => {
  expect(isInstalled(wanted, undefined)).toBe(false)
  expect(isInstalled(wanted, { packages: {} })).toBe(false)
  expect(isInstalled(wanted, { packages: { ...here, 'node_modules/a': { version: '0.9.0' } } })).toBe(false)
})

test('an optional package of another version is not installed', () => {
  const old = { ...here, 'node_modules/for-mac': { version: '0.9.0', optional: true } }
  expect(isInstalled(wanted, { packages: old })).toBe(false)
})
