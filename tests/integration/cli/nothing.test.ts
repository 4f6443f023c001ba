// What `fado get` says where there is nothing to show.
import { expect, test } from 'vitest'
import { startCommands } from '../../support/commands.ts'

test('a list without a line says that there is nothing, and where something comes from; programs get an empty list', async () => {
  const { fado } = await startCommands()
  const said = async (list: string) => {
    expect(JSON.parse(await fado('get', list, '-o', 'json'))).toEqual([])
    const [titles = '', ...below] = (await fado('get', list)).split('\n\n')
    expect(titles.split('\n').length).toBe(1)
    return below.join()
  }
  expect(await said('clusters')).toBe('No cluster yet: fado cluster add NAME adds one.')
  expect(await said('stores')).toContain('fado store add')
  expect(await said('functions')).toContain('fado function add')
  expect(await said('buckets')).toContain('fado bucket create')
  expect(await said('callers')).toContain('fado caller create NAME --key')
  expect(await said('proxies')).toContain('fado envoy bootstrap')
  expect(await said('calls')).toBe('No call in the last minute. One that has ended is seen 2 to 8 s later.')
  for (const list of ['health', 'replicas', 'routes', 'links', 'waiting', 'runs', 'conformance', 'sweeps'])
    expect(await said(list), list).toMatch(/^No/)
})
