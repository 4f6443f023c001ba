import { expect, test } from 'vitest'
import { differing, missingEntries } from '../../../../scripts/support/lock-file.mjs'

test("a dropped build of another platform is added, with the platform that its name tells and its parent's kind", () => {
  const entries = {
    '': { dependencies: { tool: '1.0.0' } },
    'node_modules/tool': {
      version: '1.0.0',
      dev: true,
      optionalDependencies: {
        '@tool/darwin-arm64': '1.0.0',
        '@tool/linux-x64-musl': '1.0.0',
        '@tool/linux-x64': '1.0.0',
      },
    },
    'node_modules/@tool/linux-x64': { version: '1.0.0', optional: true },
  }
  expect(missingEntries(entries)).toEqual({
    'node_modules/@tool/darwin-arm64': { version: '1.0.0', dev: true, optional: true, os: ['darwin'], cpu: ['arm64'] },
    'node_modules/@tool/linux-x64-musl': {
      version: '1.0.0',
      dev: true,
      optional: true,
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
    },
  })
})

test('what is found inside the package or further up is not missing', () => {
  const entries = {
    'node_modules/a': { optionalDependencies: { inner: '1.0.0' } },
    'node_modules/a/node_modules/inner': { optionalDependencies: { outer: '1.0.0' } },
    'node_modules/outer': {},
  }
  expect(missingEntries(entries)).toEqual({})
})

test('the direct dependencies that differ from the lock are named, of every kind and in both directions', () => {
  const manifest = { dependencies: { same: '1.0.0', changed: '2.0.0' }, devDependencies: { added: '1.0.0' } }
  const locked = {
    '': { dependencies: { same: '1.0.0', changed: '1.0.0' }, optionalDependencies: { removed: '1.0.0' } },
  }
  expect(differing(manifest, locked)).toEqual(['changed', 'added', 'removed'])
})
